/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Message } from "@mail/core/common/message_model";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

patch(Message.prototype, {
    setup() {
        super.setup(...arguments);
        /** @type {{direction: "in"|"out", mailbox: string, to: string, cc: string,
         * reduced: boolean, omitted: string}|undefined} */
        this.waimaolang_badge = undefined;
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
