/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registry } from "@web/core/registry";

/** What is read on the way, so that each tour is played in both languages. */
const TEXTS = {
    en: {
        paused: "The import is paused",
        count: "0 of 6 mails",
        left: "Older mails that wait on the server: 6",
    },
    zh: {
        paused: "导入已暂停",
        count: "已导入 0 封，共 6 封",
        left: "6 封较早的邮件",
    },
};
const SLOW = { timeout: 60000 };

for (const [lang, texts] of Object.entries(TEXTS)) {
    registry.category("web_tour.tours").add(`waimaolang_systray_${lang}`, {
        steps: () => [
            {
                content: "wherever she is, she sees that her history waits",
                trigger: ".o_waimaolang_mailbox_systray:has(.fa-pause)",
                run: "click",
            },
            {
                content: "how much of it is here",
                trigger: `.o_waimaolang_import[data-paused]:contains(${texts.paused}):contains(${texts.count})`,
            },
            {
                content: "and why it does not go on; her mailbox is a click away",
                trigger: `.o_waimaolang_import:contains(${texts.left})`,
                run: "click",
            },
            { trigger: ".o_waimaolang_history_resume", run: "click" },
            {
                content: "once all is here there is nothing to be seen any more",
                trigger: "body:not(:has(.o_waimaolang_mailbox_systray))",
                ...SLOW,
            },
        ],
    });
}
