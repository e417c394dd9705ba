/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Thread } from "@mail/core/common/thread_model";
import { browser } from "@web/core/browser/browser";
import { rpc } from "@web/core/network/rpc";
import { patch } from "@web/core/utils/patch";

import { LINKED_MODELS, compareByDate, positionOf } from "./by_date";

/**
 * A thread on which mail stands is in order of (date, id), and so is the window of it
 * that is loaded: core's is in order of id. Any other thread is left as it is.
 *
 *     answer.by_date -> byDate
 *     bus, post, form reload -> shown: _refreshWindow, else looksOld until it is shown
 */
patch(Thread.prototype, {
    setup() {
        super.setup(...arguments);
        this.byDate = false;
        /** How many components show the thread: a chatter and a dialog's, say. */
        this.shownCount = 0;
        /** There may be new mail. */
        this.looksOld = false;
        /** Another window than before the number changed. */
        this.windowNumber = 0;
        this.refreshing = undefined;
    },

    // -- fetching --------------------------------------------------------------------

    /** Core's, but that the place of the message is told beside its id: it may be
     * deleted meanwhile. */
    async fetchMessagesData({ after, around, before } = {}) {
        if (!LINKED_MODELS.includes(this.model)) {
            return super.fetchMessagesData(...arguments);
        }
        const wanted = around || before || after;
        const anchor = this.byDate && wanted && this.store["mail.message"].get(wanted);
        if (!anchor) {
            const answer = await super.fetchMessagesData(...arguments);
            this.byDate = Boolean(answer.by_date);
            return answer;
        }
        const limit = this.store.FETCH_LIMIT * (around === undefined ? 1 : 2);
        const anchor_date = positionOf(anchor)[0];
        return this._askByDate({ limit, after, around, before, anchor_date });
    },

    async fetchMessages({ after, around, before } = {}) {
        if (!after && !around && !before) {
            this.looksOld = false; // this is a look
        }
        const messages = await super.fetchMessages(...arguments);
        if (this.looksOld && this.shownCount) {
            // after those who asked have put the messages into the window
            browser.setTimeout(() => this._lookForMail());
        }
        return messages;
    },

    async _askByDate(fetch_params) {
        const answer = await rpc(this.getFetchRoute(), {
            ...this.getFetchParams(),
            fetch_params,
        });
        this.byDate = Boolean(answer.by_date);
        return answer;
    },

    async fetchNewMessages() {
        if (!LINKED_MODELS.includes(this.model) || this.status === "loading") {
            return super.fetchNewMessages(...arguments);
        }
        if (this.byDate && this.isLoaded) {
            return this._refreshWindow();
        }
        const wasLoaded = this.isLoaded;
        await super.fetchNewMessages(...arguments);
        if (this.byDate && wasLoaded) {
            await this._reloadWindow(); // its first mail came: the order is another now
        }
    },

    async loadAround(messageId) {
        const isIdle =
            this.status === "loading" ||
            (this.isLoaded && this.messages.some(({ id }) => id === messageId));
        if (!isIdle) {
            this.windowNumber++;
        }
        await super.loadAround(...arguments);
        if (isIdle || !this.byDate || messageId === undefined) {
            return;
        }
        // core counts by id what is older and newer
        const half = this.store.FETCH_LIMIT;
        const index = this.messages.findIndex(({ id }) => id === messageId);
        // not among them, it was deleted: then these are the newest
        this.loadOlder = index === -1 ? this.messages.length >= 2 * half : index >= half - 1;
        this.loadNewer = index !== -1 && this.messages.length - 1 - index >= half;
    },

    // -- the window --------------------------------------------------------------------

    /** Where core appends. */
    addOrReplaceMessage(message, tmpMsg) {
        if (!this.byDate || tmpMsg?.in(this.messages)) {
            return super.addOrReplaceMessage(...arguments);
        }
        if (message.notIn(this.messages)) {
            const index = this.messages.findIndex((m) => compareByDate(m, message) > 0);
            const at = index === -1 ? this.messages.length : index;
            this.messages.splice(at, 0, message);
        }
    },

    /** The newest page instead of what was there. */
    async _reloadWindow() {
        let page;
        try {
            page = await this.fetchMessages({});
        } catch {
            return;
        }
        this._replaceWindow(page);
    },

    _replaceWindow(page) {
        this.windowNumber++;
        this.messages = [...page, ...this.messages.filter((m) => !m.persistent)];
        this.loadOlder = page.length === this.store.FETCH_LIMIT;
        this.loadNewer = false;
    },

    /** Asks what of the window is new or gone, so that late mail of an old date comes
     * in its place and what was taken off goes. Asked again meanwhile: once more. */
    async _refreshWindow() {
        this.looksOld = true;
        if (!this.refreshing) {
            this.refreshing = this._refreshWhileOld();
            await this.refreshing;
            this.refreshing = undefined;
        }
        return this.refreshing;
    },

    async _refreshWhileOld() {
        while (this.looksOld && this.isLoaded) {
            this.looksOld = false;
            const number = this.windowNumber;
            const known = this.messages.filter((message) => message.persistent);
            let answer;
            try {
                answer = await this._askByDate({
                    window: {
                        known: known.map(({ id }) => id),
                        oldest: this.loadOlder && known.length && positionOf(known[0]),
                        newest:
                            this.loadNewer && known.length && positionOf(known.at(-1)),
                    },
                });
            } catch {
                return;
            }
            this.store.insert(answer.data);
            if (number === this.windowNumber) {
                this._mergeWindow(known, answer);
            } else {
                this.looksOld = true; // a jump meanwhile
            }
        }
    },

    _mergeWindow(known, { by_date, ids, complete, messages }) {
        const Message = this.store["mail.message"];
        if (!by_date) {
            // the last mail was taken off: core's newest page
            this._replaceWindow(Message.insert(messages.reverse()));
            return;
        }
        const asked = new Set(known.map(({ id }) => id));
        const there = new Set(ids);
        const merged = Message.insert([...ids].reverse());
        const [oldest] = merged;
        for (const message of this.messages) {
            // loaded or posted while the question was under way
            const isLate = !asked.has(message.id) && !there.has(message.id);
            const isCut = !complete && oldest && compareByDate(message, oldest) < 0;
            if (message.persistent && isLate && !isCut) {
                merged.push(message);
            }
        }
        merged.sort(compareByDate);
        const local = this.messages.filter((message) => !message.persistent);
        const window = [...merged, ...local];
        if (!complete) {
            this.loadOlder = true;
        }
        const isSame =
            window.length === this.messages.length &&
            window.every((message, index) => message.eq(this.messages[index]));
        if (!isSame) {
            this.messages = window;
        }
    },

    // -- live --------------------------------------------------------------------------

    /** The server says that mail was linked here or taken off. */
    onLinkedMail() {
        this.looksOld = true;
        this._lookForMail();
    },

    /** What nobody sees is looked up when it is shown: looking marks as read. */
    _lookForMail() {
        if (this.looksOld && this.shownCount && this.isLoaded && this.status !== "loading") {
            this.looksOld = false;
            this.fetchNewMessages();
        }
    },
});
