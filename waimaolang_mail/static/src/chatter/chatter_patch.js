/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import "@mail/chatter/web/chatter_patch";
import { Chatter } from "@mail/chatter/web_portal/chatter";
import { browser } from "@web/core/browser/browser";
import { Deferred } from "@web/core/utils/concurrency";
import { patch } from "@web/core/utils/patch";

import { compareByDate } from "./by_date";

const HIGHLIGHT_MILLISECONDS = 2000; // core's

/** A copy of core's highlightMessage (utils/common/hooks.js), which refuses messages of
 * other homes and tells by the id whether one is older. A closure: not to be patched. */
async function highlightByDate(state, message, thread) {
    state.initiated = true;
    let direction;
    if (message.notIn(thread.messages)) {
        const [oldest] = thread.messages;
        direction = oldest && compareByDate(message, oldest) < 0 ? "top" : "bottom";
        await thread.loadAround(message.id);
    }
    const last = state.highlightedMessageId;
    state.clear();
    if (last === message.id) {
        await new Promise(setTimeout);
    }
    thread.scrollTop = direction === "top" ? "bottom" : undefined;
    if (thread.scrollTop === "bottom") {
        state.startupDeferred = new Deferred();
        await state.startupDeferred;
        state.startupDeferred = null;
    }
    state.highlightedMessageId = message.id;
    state.initiated = false;
    browser.setTimeout(() => {
        if (state.highlightedMessageId === message.id) {
            state.clear();
        }
    }, HIGHLIGHT_MILLISECONDS);
}

patch(Chatter.prototype, {
    setup() {
        super.setup(...arguments);
        const state = this.messageHighlight;
        const core = state.highlightMessage;
        state.highlightMessage = function (message, thread) {
            return thread.byDate
                ? highlightByDate(state, message, thread)
                : core.apply(this, arguments);
        };
    },
});
