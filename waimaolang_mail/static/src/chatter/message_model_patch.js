/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Message } from "@mail/core/common/message_model";
import "@mail/core/web/message_model_patch";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

/** Why a mail did not reach somebody, by the code that the server keeps. */
const CAUSES = {
    unknown: _t("the address does not exist"),
    full: _t("the mailbox is full"),
    blocked: _t("taken for spam, or the sender is blocked"),
    policy: _t("not allowed by the recipient's server"),
    network: _t("the recipient's server cannot be reached"),
    other: _t("the server gives no clear reason"),
};

patch(Message.prototype, {
    setup() {
        super.setup(...arguments);
        /** @type {{direction: "in"|"out", mailbox: string, from: string, to: string,
         * cc: string, restricted: boolean, conversation: number|null, auto: string|null,
         * returns: string|null, returned: object[], sends: boolean, reduced: boolean,
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
        return (
            !this.canAnswerMail &&
            !this.waimaolang_badge?.restricted &&
            !this.isForeignMail(thread) &&
            super.canForward(...arguments)
        );
    },

    /** The user reads the mail itself, and has a mailbox to answer from. */
    get canAnswerMail() {
        return Boolean(this.waimaolang_badge?.mailbox && this.waimaolang_badge.sends);
    },

    /** What an automatic answer is, and until when its sender is away. */
    get waimaolangAutoText() {
        const { auto, returns } = this.waimaolang_badge;
        if (auto === "out_of_office") {
            return returns
                ? _t("out of office until %s", formatDate(deserializeDate(returns)))
                : _t("out of office");
        }
        return auto ? _t("automatic answer") : "";
    },

    /** Whom the mail did not reach. */
    get waimaolangReturned() {
        return (this.waimaolang_badge?.returned ?? []).map((one) => {
            const cause = String(CAUSES[one.cause] ?? CAUSES.other);
            const text =
                one.kind === "failed"
                    ? _t("Not delivered to %(email)s: %(cause)s", { email: one.email, cause })
                    : _t("Not delivered to %(email)s yet: %(cause)s", {
                          email: one.email,
                          cause,
                      });
            return { ...one, text };
        });
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
