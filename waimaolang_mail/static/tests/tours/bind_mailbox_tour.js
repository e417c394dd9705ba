/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registry } from "@web/core/registry";

/** What is read on the way, so that each tour is played in both languages. */
const TEXTS = {
    en: {
        found: "recognised by the address",
        recommended: "Recommended",
        refused: "The mailbox did not accept this code",
        passed: "The test mail came back",
        done: "The mailbox is bound",
        sent: "Sent",
        reconnected: "Connected",
    },
    zh: {
        found: "已根据邮箱地址识别",
        recommended: "推荐",
        refused: "邮箱服务器不接受此授权码",
        passed: "测试邮件已收到",
        done: "邮箱已绑定",
        sent: "已发送",
        reconnected: "已连接",
    },
};

const next = { trigger: "button[name=action_next]:visible", run: "click" };

const begin = (address) => [
    {
        content: "the way in is on the list of mailboxes",
        trigger: ".o_waimaolang_bind",
        run: "click",
    },
    { trigger: "div[name=address] .o_field_widget[name=email] input" },
    {
        trigger: ".o_field_widget[name=email] input",
        run: `edit ${address}`,
    },
];

const chooseMethod = (texts) => [
    {
        content: "the provider is found by the address alone",
        trigger: `.alert-success:contains(${texts.found})`,
    },
    {
        content: "the comparison is folded away, one click opens it",
        trigger: ".o_waimaolang_comparison:not([open]) summary",
        run: "click",
    },
    {
        content: "IMAP is recommended, and chosen",
        trigger: `.o_waimaolang_methods th[data-method=imap]:contains(${texts.recommended}) input:checked`,
    },
    next,
];

const enterCode = (code) => [
    {
        content: "where the code is to be had",
        trigger: ".o_waimaolang_code_help li",
    },
    {
        trigger: ".o_field_widget[name=password] input",
        run: `edit ${code}`,
    },
    next,
];

const proved = (texts) => [
    {
        content: "proved by a real mail, step by step",
        trigger: ".o_waimaolang_step[data-step=receive][data-state=ok]",
        timeout: 60000,
    },
    { trigger: `.o_waimaolang_proof .alert-success:contains(${texts.passed})` },
    next,
];

const folders = (texts) => [
    {
        content: "Sent is recognised and ticked, drafts are not",
        trigger: `.o_data_row:contains(${texts.sent}) .o_field_widget[name=synced] input:checked`,
    },
    next,
];

for (const [lang, texts] of Object.entries(TEXTS)) {
    registry.category("web_tour.tours").add(`waimaolang_bind_mailbox_${lang}`, {
        steps: () => [
            ...begin("lin@lanyue.example"),
            next,
            ...chooseMethod(texts),
            ...enterCode("right-code"),
            ...proved(texts),
            ...folders(texts),
            {
                content: "each window says how much mail it means",
                trigger:
                    ".o_field_widget[name=history_window] .o_radio_item:contains(3)",
            },
            {
                trigger: ".o_field_widget[name=history_window] input[data-value='-1']",
                run: "click",
            },
            next,
            { trigger: `div[name=done] h2:contains(${texts.done})` },
            {
                content: "the import ends",
                trigger: "button[name=action_view_mails]:contains(3)",
                timeout: 60000,
            },
            {
                trigger: "button[name=action_view_mails]",
                run: "click",
            },
            {
                trigger: ".o_data_cell[name=subject]:contains(报价)",
                run: "click",
            },
            {
                trigger: "button[name=action_open_record]",
                run: "click",
            },
            {
                content: "the opportunity's chatter shows the mail with its badge",
                trigger: ".o-mail-Message .o_waimaolang_badge[data-direction=in]",
            },
            {
                trigger: ".o-mail-Message-body div:shadow :contains(不锈钢保温杯)",
            },
            {
                content: "and its attachment",
                trigger: ".o-mail-AttachmentContainer:contains(报价单.pdf)",
            },
        ],
    });

    registry.category("web_tour.tours").add(`waimaolang_bind_refused_${lang}`, {
        steps: () => [
            ...begin("lin@lanyue.example"),
            next,
            ...chooseMethod(texts),
            ...enterCode("wrong-code"),
            {
                content: "the refusal tells the cause",
                trigger: `.o_waimaolang_error[data-code=auth_bad]:contains(${texts.refused})`,
                timeout: 60000,
            },
            {
                content: "and what to do, in steps",
                trigger: ".o_waimaolang_error ol li",
            },
            {
                content: "there is no way on",
                trigger: ".o_form_view:not(:has(button[name=action_next]:visible))",
            },
            {
                content: "but another code",
                trigger: ".o_waimaolang_enter_code",
                run: "click",
            },
            ...enterCode("right-code"),
            ...proved(texts),
            {
                trigger: "button[name=action_back]",
                run: "click",
            },
            {
                content: "every step goes back, the test is kept",
                trigger: ".o_waimaolang_step[data-step=receive][data-state=ok]",
            },
        ],
    });

    registry.category("web_tour.tours").add(`waimaolang_bind_shared_${lang}`, {
        steps: () => [
            ...begin("sales@lanyue.example"),
            {
                trigger: ".o_field_widget[name=owner_kind] input[data-value=shared]",
                run: "click",
            },
            {
                trigger: ".o_field_widget[name=member_ids] input",
                run: "edit Lin Xiao",
            },
            {
                trigger: ".o-autocomplete--dropdown-item:contains(Lin Xiao)",
                run: "click",
            },
            next,
            ...chooseMethod(texts),
            ...enterCode("right-code"),
            ...proved(texts),
            ...folders(texts),
            { trigger: ".o_field_widget[name=history_window] input" },
            next,
            { trigger: `div[name=done] h2:contains(${texts.done})` },
        ],
    });

    registry.category("web_tour.tours").add(`waimaolang_reconnect_${lang}`, {
        steps: () => [
            {
                content: "the systray says that a mailbox needs its owner",
                trigger: ".o_waimaolang_mailbox_systray",
                run: "click",
            },
            {
                trigger: ".o_waimaolang_reconnect",
                run: "click",
            },
            {
                content: "the dialog tells where a new code is to be had",
                trigger: ".modal .o_field_widget[name=code_steps]",
            },
            {
                trigger: ".modal .o_field_widget[name=password] input",
                run: "edit wrong-code",
            },
            { trigger: ".modal button[name=action_apply]", run: "click" },
            {
                content: "a refusal stays in the dialog, with cause and remedy",
                trigger: `.modal .alert-danger:contains(${texts.refused})`,
            },
            {
                trigger: ".modal .o_field_widget[name=password] input",
                run: "edit new-code",
            },
            { trigger: ".modal button[name=action_apply]", run: "click" },
            { trigger: "body:not(:has(.modal))" },
            {
                content: "nothing is left to be told",
                trigger: "body:not(:has(.o_waimaolang_mailbox_systray))",
            },
            {
                trigger: ".o_data_row .o_data_cell[name=email]",
                run: "click",
            },
            {
                trigger: `.o_statusbar_status .o_arrow_button_current:contains(${texts.reconnected})`,
            },
        ],
    });
}
