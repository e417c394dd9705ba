/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Activity } from "@mail/core/common/activity_model";
import { fields } from "@mail/core/common/record";
import { toLocaleDateTimeString } from "@web/core/l10n/dates";
import { patch } from "@web/core/utils/patch";

/** Tasks from mail are due to the minute: core's are on a day. */
patch(Activity.prototype, {
    setup() {
        super.setup(...arguments);
        this.reply_due_at = fields.Datetime();
    },
    /** "" for others. */
    get dueTime() {
        return toLocaleDateTimeString(this.reply_due_at, { showDate: false });
    },
    get dateDeadlineFormatted() {
        return toLocaleDateTimeString(this.reply_due_at) || super.dateDeadlineFormatted;
    },
});
