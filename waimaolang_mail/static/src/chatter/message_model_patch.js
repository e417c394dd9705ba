/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Message } from "@mail/core/common/message_model";
import "@mail/core/web/message_model_patch";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

patch(Message.prototype, {
    setup() {
        super.setup(...arguments);
        /** @type {{direction: "in"|"out", mailbox: string, from: string, to: string,
         * cc: string, restricted: boolean, conversation: number|null, reduced: boolean,
         * omitted: string}|undefined} */
        this.waimaolang_badge = undefined;
        /** @type {{id: number, state: string, mine: boolean, mailbox: string,
         * held: boolean, seconds: number, send_at: string, asked: boolean,
         * error: string}|undefined} */
        this.waimaolang_outbox = undefined;
    },

    /** A mail in the chatter of a record that is not its home; its home may be untold. */
    isForeignMail(thread) {
        return Boolean(
            this.waimaolang_badge &&
                thread &&
                thread.model !== "mail.box" &&
                thread.notEq(this.thread)
        );
    },

    canAddReaction(thread) {
        return (
            !this.waimaolang_badge?.restricted &&
            !this.isForeignMail(thread) &&
            super.canAddReaction(...arguments)
        );
    },

    /** Core's Reply All asks this, too: mail has its own (message_actions_patch.js),
     * which answer through the mailbox. */
    canForward(thread) {
        return !this.waimaolang_badge && super.canForward(...arguments);
    },

    get waimaolangBadgeTitle() {
        const { direction, mailbox, to, cc, omitted } = this.waimaolang_badge;
        const lines = [
            direction === "out"
                ? _t("Sent from the mailbox %s", mailbox)
                : _t("Received in the mailbox %s", mailbox),
            _t("To: %s", to),
        ];
        if (cc) {
            lines.push(_t("Cc: %s", cc));
        }
        if (omitted) {
            lines.push(_t("Too large, left out: %s", omitted));
        }
        return lines.join("\n");
    },
});
