/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registry } from "@web/core/registry";

/** What is read on the way, so that each tour is played in both languages. */
const TEXTS = {
    en: {
        stored: "It is in Odoo, on Wang Fang",
        excluded: "never-log list",
        failed: "It could not be stored",
        never: "in no folder of the mail server",
        whole: "All accounted for",
        accounted: "Every mail is accounted for",
        adds_up: "It adds up",
        because: "On the never-log list: 1",
    },
    zh: {
        stored: "该邮件已在 Odoo 中",
        excluded: "不记录名单",
        failed: "未能保存",
        never: "所有文件夹中都没有",
        whole: "全部有着落",
        accounted: "每封邮件都有着落",
        adds_up: "核对一致",
        because: "不记录名单",
    },
};
const SLOW = { timeout: 60000 };

const field = (name) => `.modal .o_field_widget[name=${name}] input`;
const answer = (text) =>
    `.modal .o_waimaolang_findings .o_data_row:contains(${text})`;

const ask = (name, words, text) => [
    ...["subject", "message_id"].map((other) => ({
        trigger: field(other),
        run: other === name ? `edit ${words}` : "clear",
    })),
    { trigger: ".modal button[name=action_search]", run: "click" },
    { content: text, trigger: answer(text), ...SLOW },
];

for (const [lang, texts] of Object.entries(TEXTS)) {
    registry.category("web_tour.tours").add(`waimaolang_proof_${lang}`, {
        steps: () => [
            { trigger: "button[name=action_open_missing]", run: "click" },
            { trigger: ".modal .o_field_widget[name=mailbox_id] input" },
            ...ask("subject", "Sample order", texts.stored),
            ...ask("subject", "Re: account  statement", texts.excluded),
            {
                content: "the entry is named",
                trigger: answer("bank.example"),
            },
            ...ask("subject", "Broken mail", texts.failed),
            {
                content: "the server itself is asked",
                ...ask("message_id", "<nowhere@kehu.example>", texts.never)[0],
            },
            ...ask("message_id", "<nowhere@kehu.example>", texts.never).slice(1),
            { trigger: ".modal .btn-close", run: "click" },
            { trigger: "body:not(:has(.modal))" },
            {
                content: "three mails, all of them accounted for",
                trigger: "button[name=action_view_coverage]:contains(3):contains(3)",
                run: "click",
            },
            {
                trigger: `.o_data_row:contains(INBOX):contains(${texts.whole}):contains(${texts.accounted})`,
            },
            {
                content: "and why one of them was left out",
                trigger: `.o_data_row:contains(INBOX) [name=excluded_text]:contains(${texts.because})`,
            },
            {
                content: "each comparison is kept",
                trigger: ".o_data_row:contains(INBOX) button[name=action_view_proofs]",
                run: "click",
            },
            { trigger: `.o_data_row [name=verdict]:contains(${texts.adds_up})` },
            { trigger: ".o_back_button", run: "click" },
            { trigger: "button[name=action_recount]" },
            { trigger: ".o_back_button", run: "click" },
            { trigger: "button[name=action_view_failed]", run: "click" },
            {
                content: "the failed mail, with a person's words",
                trigger: ".o_data_row:contains(INBOX) [name=error_text]",
            },
            {
                trigger: ".o_data_row:contains(INBOX) button[name=action_retry]",
                run: "click",
            },
            { trigger: ".o_notification", ...SLOW },
        ],
    });
}
