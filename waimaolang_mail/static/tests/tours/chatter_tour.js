/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { waitUntil } from "@odoo/hoot-dom";
import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";

const MINUTE = { timeout: 60000 };
const TALK = "waimaolang-tour:";

/* Bodies hold #number#; those of mails stand in a shadow tree. */
function numberOf(el) {
    const body = el.querySelector(".o-mail-Message-body");
    const shadows = [...(body?.querySelectorAll("*") || [])].map(
        (child) => child.shadowRoot?.textContent || ""
    );
    const text = [body?.textContent, ...shadows].join(" ");
    return Number(text.match(/#(\d+)#/)?.[1] || 0);
}

const messages = () => [...document.querySelectorAll(".o-mail-Thread .o-mail-Message")];
const shown = () => messages().map(numberOf).filter(Boolean);
const find = (number) => messages().find((el) => numberOf(el) === number);
const until = (condition) => waitUntil(condition, MINUTE);

/** What is scrolled: the chatter itself, or the form around it. */
function scroller() {
    let el = document.querySelector(".o-mail-Thread");
    while (el && !(el.scrollHeight > el.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(el).overflowY))) {
        el = el.parentElement;
    }
    return el;
}

const topOf = (el) => Math.round(el.getBoundingClientRect().top);

async function scrollToEnd(isEnd, edge) {
    while (!isEnd()) {
        const before = messages().length;
        const el = scroller();
        el.scrollTop = edge === "top" ? 0 : el.scrollHeight;
        await until(() => messages().length > before || isEnd());
    }
}

/** The test reads what the tour says as notes on the record, and answers by mail. */
async function say(what, values = {}, id = location.pathname.match(/(\d+)$/)[1]) {
    await rpc("/mail/message/post", {
        thread_model: "res.partner",
        thread_id: Number(id),
        post_data: {
            body: TALK + JSON.stringify({ what, ...values }),
            message_type: "comment",
            subtype_xmlid: "mail.mt_note",
        },
    });
}

function ask(model, method, args) {
    return rpc(`/web/dataset/call_kw/${model}/${method}`, { model, method, args, kwargs: {} });
}

registry.category("web_tour.tours").add("waimaolang_chatter_scroll", {
    steps: () => [
        {
            content: "the newest of some hundred messages",
            trigger: ".o-mail-Thread .o-mail-Message",
        },
        {
            content: "all of them, one page after another",
            trigger: ".o-mail-Thread",
            ...MINUTE,
            async run() {
                const atEnd = () => shown().includes(1);
                await scrollToEnd(atEnd, "bottom");
                await say("all", { shown: shown() });
            },
        },
    ],
});

registry.category("web_tour.tours").add("waimaolang_chatter_live", {
    steps: () => [
        {
            trigger: ".o-mail-Thread .o-mail-Message",
        },
        {
            content: "in the middle of what is loaded",
            trigger: ".o-mail-Thread",
            ...MINUTE,
            async run() {
                while (messages().length < 80) {
                    const before = messages().length;
                    scroller().scrollTop = scroller().scrollHeight;
                    await until(() => messages().length > before);
                }
                const read = messages()[40];
                scroller().scrollTop += topOf(read) - topOf(scroller()) - 100;
                await until(() => Math.abs(topOf(read) - topOf(scroller()) - 100) < 3);
                const number = numberOf(read);
                const window = shown();
                await say("reading", { number, newer: window[20], older: window[60] });
                // 9001 now, 9002 of an old date above what is read, 9003 below it
                await until(() => [9001, 9002, 9003].every(find));
                const moved = Math.abs(topOf(find(number)) - topOf(scroller()) - 100);
                await say("live", { shown: shown(), moved });
            },
        },
        {
            content: "one is taken off again, and goes",
            trigger: ".o-mail-Thread",
            ...MINUTE,
            run: () => until(() => !find(9002)),
        },
        {
            content: "at the top, what is new is seen",
            trigger: ".o-mail-Thread",
            ...MINUTE,
            async run() {
                scroller().scrollTop = 0;
                await say("at the top");
                await until(() => find(9004));
                await say("done", { first: numberOf(find(9004)), top: scroller().scrollTop });
            },
        },
    ],
});

registry.category("web_tour.tours").add("waimaolang_chatter_search", {
    steps: () => [
        {
            trigger: ".o-mail-Thread .o-mail-Message",
        },
        {
            trigger: ".o-mail-Chatter button[aria-label='Search Messages']",
            run: "click",
        },
        {
            trigger: ".o-mail-SearchMessageInput input",
            run: "edit needle",
        },
        {
            trigger: ".o-mail-SearchMessageInput button[aria-label='Search button']",
            run: "click",
        },
        {
            content: "all hits, also those on the second page",
            trigger: ".o-mail-MessageCardList .card",
            ...MINUTE,
            async run() {
                const cards = () => [...document.querySelectorAll(".o-mail-MessageCardList .card")];
                while (cards().length < 40) {
                    const before = cards().length;
                    cards().at(-1).scrollIntoView();
                    await until(() => cards().length > before);
                }
                await say("hits", { shown: cards().map(numberOf) });
                // a mail whose home is another record, far down
                const card = cards().find((el) => numberOf(el) === 101);
                card.querySelector(".o-mail-MessageCard-jump").click();
                await until(() => find(101));
                await until(() => find(101).getBoundingClientRect().top < innerHeight);
                await say("jumped", { shown: shown() });
            },
        },
        {
            content: "from there to both ends",
            trigger: ".o-mail-Thread",
            ...MINUTE,
            async run() {
                await scrollToEnd(() => shown().includes(1), "bottom");
                const newest = Math.max(...shown());
                await scrollToEnd(() => shown()[0] === 350, "top");
                await say("all", { shown: shown(), newest });
            },
        },
    ],
});

registry.category("web_tour.tours").add("waimaolang_chatter_foreign", {
    steps: () => [
        {
            content: "a mail at home on an opportunity says so",
            trigger: ".o-mail-Message:contains(Needle of the own deal) small:contains(on Own deal)",
        },
        {
            content: "whose home is a colleague's, tells nothing of it",
            trigger: ".o-mail-Message:contains(Needle of a colleague):not(:contains(Secret deal))",
        },
        {
            content: "nothing that would be posted elsewhere or change it",
            trigger: ".o-mail-Message:contains(Needle of a colleague)",
            async run({ hover }) {
                await hover(this.anchor);
                await until(() => this.anchor.querySelector("[name=waimaolang-conversation]"));
                for (const name of ["reaction", "reply-all", "forward", "edit", "delete"]) {
                    if (this.anchor.querySelector(`[name=${name}]`)) {
                        throw new Error(`${name} is offered`);
                    }
                }
            },
        },
        {
            trigger: ".o-mail-Message:contains(Needle of a colleague) .o-mail-Message-notification",
            run: "click",
        },
        {
            content: "who wrote to whom",
            trigger: ".o_waimaolang_envelope:contains(emma@nordwind.example):contains(lin@lanyue.example):contains(boss@nordwind.example)",
        },
    ],
});

registry.category("web_tour.tours").add("waimaolang_chatter_away", {
    steps: () => [
        {
            trigger: ".o-mail-Message small a:contains(Own deal)",
            run: "click",
        },
        {
            content: "on the opportunity now",
            trigger: ".o_breadcrumb:contains(Own deal)",
            ...MINUTE,
            async run() {
                const { id } = await ask("res.partner", "search_read", [
                    [["name", "=", "Emma Vogel"]],
                    ["id"],
                ]).then(([contact]) => contact);
                await say("away", {}, id);
                const arrived = [["subject", "=", "mail 3"]];
                while (!(await ask("waimaolang.mail", "search_count", [arrived]))) {
                    await new Promise(requestAnimationFrame);
                }
            },
        },
        {
            trigger: ".o_breadcrumb a:contains(Emma Vogel)",
            run: "click",
        },
        {
            content: "the mail that came meanwhile",
            trigger: ".o-mail-Thread .o-mail-Message",
            ...MINUTE,
            run: () => until(() => find(3) && shown()[0] === 3),
        },
    ],
});

registry.category("web_tour.tours").add("waimaolang_chatter_first_mail", {
    steps: () => [
        {
            content: "an ordinary chatter",
            trigger: ".o-mail-Thread .o-mail-Message",
            ...MINUTE,
            async run() {
                await say("open");
                await until(() => find(2));
                await say("seen", { shown: shown() });
                await until(() => !find(2));
                await say("gone", { shown: shown() });
            },
        },
    ],
});
