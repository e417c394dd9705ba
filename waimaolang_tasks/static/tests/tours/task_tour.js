/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registry } from "@web/core/registry";

/** What is read on the way, so that each tour is played in both languages. */
const TEXTS = {
    en: {
        answer: "Answer an inquiry in time",
        explanation: "Somebody writes",
        setup: "Set Up Ready Rules",
        task: "Answer: 询价 Inquiry",
        due: "in 23 hours",
        nothing: "Nothing waits for your answer",
        done: "Done",
    },
    zh: {
        answer: "及时回复询盘",
        explanation: "客户来信",
        setup: "启用预置规则",
        task: "回复：询价 Inquiry",
        due: "23小时后",
        nothing: "没有待回复的邮件",
        done: "已完成",
    },
};
const row = (text) => `.o_data_row:contains(${text})`;
const on = "[name=chosen] input";
const second = "新询价 Another";

for (const [lang, texts] of Object.entries(TEXTS)) {
    const tours = registry.category("web_tour.tours");
    tours.add(`waimaolang_rule_setup_${lang}`, {
        steps: () => [
            {
                content: "off until chosen",
                trigger: `.o_list_view ${row(texts.answer)}.text-muted, ${row(texts.answer)} .text-muted`,
            },
            { trigger: `.o_control_panel button:contains(${texts.setup})`, run: "click" },
            {
                content: "a line says what it is good for",
                trigger: `.modal ${row(texts.answer)}:contains(${texts.explanation})`,
            },
            { trigger: `.modal ${row(texts.answer)} ${on}`, run: "click" },
            { trigger: `.modal ${row(texts.answer)} ${on}:checked` },
            { trigger: ".modal button[name=action_confirm]", run: "click" },
            { trigger: "body:not(:has(.modal))" },
            { trigger: `.o_list_view ${row(texts.answer)} [name=active] input:checked` },
        ],
    });
    tours.add(`waimaolang_task_${lang}`, {
        steps: () => [
            {
                content: "no answer is late",
                trigger: ".o_waimaolang_answer_systray:not(:has(.badge))",
            },
            {
                content: "her mail made a task, due in 24 hours",
                trigger: `.o_list_view ${row(texts.task)}:contains(${texts.due})`,
            },
            {
                content: "it opens the opportunity",
                trigger: `.o_list_view ${row(texts.task)} [name=res_name]`,
                run: "click",
            },
            {
                content: "in whose chatter the task and the mail stand",
                trigger: `.o_form_view .o-mail-Activity:contains(${texts.task}):has(.o_waimaolang_due)`,
            },
            { trigger: ".o_form_view .o-mail-Message .o_waimaolang_badge[data-direction=in]" },
        ],
    });
    tours.add(`waimaolang_task_done_${lang}`, {
        steps: () => [
            { trigger: `.o_nocontent_help:contains(${texts.nothing})` },
            { trigger: ".o_searchview_dropdown_toggler", run: "click" },
            { trigger: `.o_filter_menu .o_menu_item:contains(${texts.done})`, run: "click" },
            {
                content: "it was done by itself",
                trigger: `.o_list_view ${row(texts.task)} [name=res_name]`,
                run: "click",
            },
            { trigger: ".o_form_view .o-mail-Chatter:not(:has(.o-mail-Activity))" },
            { trigger: ".o_form_view .o-mail-Message .o_waimaolang_badge[data-direction=out]" },
        ],
    });
    tours.add(`waimaolang_task_live_${lang}`, {
        steps: () => [
            { trigger: `.o_list_view ${row(second)} [name=res_name]`, run: "click" },
            { trigger: `.o-mail-Activity:contains(${second}):has(.o_waimaolang_due)` },
            { trigger: ".o-mail-Chatter-sendMessage", run: "click" },
            { trigger: ".o-mail-Composer-input", run: "edit USD 1.30 FOB Ningbo" },
            { trigger: ".o-mail-Composer-send:enabled", run: "click" },
            {
                content: "what answers the mail takes the task from the open page",
                trigger: ".o-mail-Chatter:not(:has(.o-mail-Activity))",
                timeout: 60000,
            },
            { trigger: ".o-mail-Message:contains(USD 1.30)" },
        ],
    });
}
