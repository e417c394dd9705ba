/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registry } from "@web/core/registry";

/** What is read on the way, so that each tour is played in both languages. */
const TEXTS = {
    en: { sent: "Sent", failed: "Not sent", refused: "a recipient is not accepted" },
    zh: { sent: "已发送", failed: "未发出", refused: "收件人" },
};
const SLOW = { timeout: 60000 };

const message = (text) => `.o-mail-Message:contains(${text})`;
const body = ".modal .note-editable";
const send = { trigger: ".modal button.o_mail_send:visible", run: "click" };
const closed = { trigger: "body:not(:has(.modal))", ...SLOW };

const act = (name) => ({
    content: "the actions of the customer's mail",
    trigger: ".o-mail-Message:has(.o_waimaolang_badge[data-direction=in])",
    async run({ click, hover, waitFor }) {
        await hover(this.anchor);
        await click(await waitFor(`button[name=${name}]`, { root: this.anchor }));
    },
});

for (const [lang, texts] of Object.entries(TEXTS)) {
    registry.category("web_tour.tours").add(`waimaolang_sending_${lang}`, {
        steps: () => [
            act("waimaolang-reply"),
            {
                content: "what is answered stands below, and will leave with it",
                trigger: ".modal .o_waimaolang_quoted:contains(Please quote)",
            },
            {
                content: "from her mailbox",
                trigger: ".modal .o_field_widget[name=waimaolang_mailbox_id]:contains(@)",
            },
            { trigger: body, run: "editor Our best price is USD 1.20." },
            send,
            closed,
            {
                content: "at once in the chatter, and sent without a reload",
                trigger: `${message("USD 1.20")} .o_waimaolang_badge[data-direction=out]:contains(${texts.sent})`,
                ...SLOW,
            },
            act("waimaolang-forward"),
            { trigger: ".modal .o_field_widget[name=partner_ids] input", run: "edit Gone" },
            { trigger: ".o-autocomplete--dropdown-item:contains(Gone)", run: "click" },
            { trigger: ".modal .o_field_widget[name=partner_ids] .o_tag:contains(Gone)" },
            { trigger: body, run: "editor Can you make these?" },
            send,
            closed,
            {
                content: "the refusal stands at the message",
                trigger: `${message("Can you make")} .o_waimaolang_outbox[data-state=failed]:contains(${texts.failed})`,
                ...SLOW,
            },
            {
                trigger: `${message("Can you make")} .o_waimaolang_why`,
                run: "click",
            },
            {
                content: "with the cause and the server's words",
                trigger: `.modal .alert:contains(${texts.refused}):contains(no such user)`,
            },
            { trigger: ".modal .btn-close", run: "click" },
            closed,
            {
                trigger: `${message("Can you make")} .o_waimaolang_edit`,
                run: "click",
            },
            {
                content: "all is there again",
                trigger: ".modal .note-editable:contains(Can you make)",
            },
            {
                trigger: ".modal .o_field_widget[name=partner_ids] .o_tag:contains(Gone) .o_delete",
                run: "click",
            },
            { trigger: ".modal .o_field_widget[name=partner_ids] input", run: "edit Maker" },
            { trigger: ".o-autocomplete--dropdown-item:contains(Maker)", run: "click" },
            { trigger: ".modal .o_field_widget[name=partner_ids] .o_tag:contains(Maker)" },
            send,
            closed,
            {
                trigger: `${message("Can you make")} .o_waimaolang_badge[data-direction=out]`,
                ...SLOW,
            },
            {
                content: "the one that was refused is gone",
                trigger: ".o-mail-Thread:not(:has(.o_waimaolang_outbox[data-state=failed]))",
            },
        ],
    });
}
