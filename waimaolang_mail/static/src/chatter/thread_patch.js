/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Thread } from "@mail/core/common/thread";
import { onWillPatch, toRaw, useEffect } from "@odoo/owl";
import { patch } from "@web/core/utils/patch";
import { closestScrollableY } from "@web/core/utils/scrolling";

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
            const keeps = this.loadedAndPatched && this.props.thread.byDate;
            this.reading = keeps ? this.findReading() : undefined;
        });
    },

    /** The first message on screen and its place there. Nothing where the list's start
     * is in sight: who is there sees what is new. */
    findReading() {
        const scrolled = closestScrollableY(this.root.el);
        if (!scrolled) {
            return;
        }
        const { top } = scrolled.getBoundingClientRect();
        if (!this.loadNewer && this.root.el.getBoundingClientRect().top >= top) {
            return;
        }
        for (const { id } of this.orderedMessages) {
            const place = this.findPlace(id);
            if (place?.bottom > top) {
                return { id, scrolled, top: place.top };
            }
        }
    },

    findPlace(messageId) {
        return this.refByMessageId.get(messageId)?.el?.getBoundingClientRect();
    },

    /** Core keeps what is read in place when messages come at an end of the window,
     * which it tells by the ids of the ends, and where the chatter is beside the form.
     * By date they may come anywhere: the first message on screen stays there. */
    applyScrollContextually(thread) {
        const { reading } = this;
        this.reading = undefined;
        if (!thread.byDate) {
            return super.applyScrollContextually(thread);
        }
        const place = reading && this.findPlace(reading.id);
        const isBeside = reading?.scrolled === this.scrollableRef.el;
        // "bottom", which is the start here, is where core was told to go
        if (place && !(isBeside && typeof thread.scrollTop === "string")) {
            const { scrolled } = reading;
            const moved = place.top - reading.top;
            // not where nothing moved: that would end a smooth scroll
            if (Math.abs(moved) >= 1 && isBeside) {
                this.setScroll(scrolled.scrollTop + moved);
            } else if (Math.abs(moved) >= 1) {
                scrolled.scrollTop += moved;
            }
            if (isBeside) {
                return;
            }
        }
        // equal ends: nothing that core has to keep in place
        this.oldestPersistentMessage = thread.oldestPersistentMessage;
        this.newestPersistentMessage = thread.newestPersistentMessage;
        return super.applyScrollContextually(thread);
    },
});
