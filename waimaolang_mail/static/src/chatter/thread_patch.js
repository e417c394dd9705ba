/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Thread } from "@mail/core/common/thread";
import { toRaw, useEffect, onWillPatch } from "@odoo/owl";
import { patch } from "@web/core/utils/patch";

patch(Thread.prototype, {
    setup() {
        super.setup(...arguments);
        useEffect(
            (thread) => {
                thread.shownCount++;
                thread._lookForMail();
                return () => thread.shownCount--;
            },
            () => [toRaw(this.props.thread)]
        );
        // A fault of core, which leaves the chatter blank after a jump from a search:
        // reset() between two equal lists of dependencies, so that the effect that
        // would set the flag again never runs.
        useEffect(() => {
            const { thread } = this.props;
            if (thread.byDate && thread.isLoaded && !this.state.mountedAndLoaded) {
                this.state.mountedAndLoaded = true;
            }
        });
        onWillPatch(() => {
            this.firstVisible =
                this.snapshot && this.props.thread.byDate
                    ? this.findFirstVisible()
                    : undefined;
        });
    },

    /** The first message on screen, with its place in what is scrolled. */
    findFirstVisible() {
        const box = this.scrollableRef.el.getBoundingClientRect();
        for (const { id } of this.orderedMessages) {
            const place = this.findPlace(id);
            if (place && place.bottom > box.top) {
                return { id, top: place.top + this.scrollableRef.el.scrollTop };
            }
        }
    },

    findPlace(messageId) {
        return this.refByMessageId.get(messageId)?.el?.getBoundingClientRect();
    },

    /** Core keeps what is read in place when messages come at an end of the window, and
     * tells that by the ids of the ends. By date they may come anywhere: the first
     * message on screen stays where it is. ("bottom" is the top of a chatter: who is
     * there, or is sent there, sees what is new.) */
    applyScrollContextually(thread) {
        if (!thread.byDate) {
            return super.applyScrollContextually(thread);
        }
        const first = this.firstVisible;
        this.firstVisible = undefined;
        const place = first && typeof thread.scrollTop !== "string" && this.findPlace(first.id);
        if (this.snapshot && place) {
            const { el } = this.scrollableRef;
            const top = place.top + el.scrollTop;
            const wanted = this.snapshot.scrollTop + top - first.top;
            if (Math.abs(wanted - el.scrollTop) >= 1) {
                this.setScroll(wanted);
            }
            return;
        }
        // equal ends: nothing that core has to keep in place
        this.oldestPersistentMessage = thread.oldestPersistentMessage;
        this.newestPersistentMessage = thread.newestPersistentMessage;
        return super.applyScrollContextually(thread);
    },
});
