/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component } from "@odoo/owl";
import { toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/* As the server's "Due soon". */
const SOON_HOURS = 2;

/** When something is due, as one says it: in 3 hours, 2 days ago. */
export class DueField extends Component {
    static template = "waimaolang_tasks.DueField";
    static props = standardFieldProps;

    get value() {
        return this.props.record.data[this.props.name];
    }

    get exact() {
        return toLocaleDateTimeString(this.value);
    }

    get text() {
        return this.value ? this.value.toRelative() : "";
    }

    get classes() {
        if (!this.value || this.props.record.data.active === false) {
            return "text-muted";
        }
        const hours = this.value.diffNow("hours").hours;
        if (hours <= 0) {
            return "text-danger fw-bold";
        }
        return hours <= SOON_HOURS ? "text-warning fw-bold" : "";
    }
}

registry.category("fields").add("waimaolang_due", {
    component: DueField,
    displayName: _t("Due"),
    supportedTypes: ["datetime"],
});
