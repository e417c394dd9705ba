/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The ways to a mailbox side by side, one column each; a click chooses. What stands
 * in the cells comes from the record's `methods`. */
export class WaimaolangMethodField extends Component {
    static template = "waimaolang_mail.MethodField";
    static props = { ...standardFieldProps };

    get comparison() {
        return this.props.record.data.methods || { rows: [], criteria: [], labels: {} };
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get noneText() {
        return _t("This provider cannot be bound yet.");
    }

    /** Whoever was recognised needs no comparison; one click opens it. */
    get isFolded() {
        return Boolean(this.props.record.data.found_how && this.chosen);
    }

    get chosen() {
        return this.comparison.rows.find((row) => this.isChosen(row));
    }

    isChosen(row) {
        return row.method === this.value;
    }

    isRecommended(row) {
        return row.method === this.comparison.recommended;
    }

    choose(row) {
        if (!row.refused && !this.props.readonly) {
            this.props.record.update({ [this.props.name]: row.method });
        }
    }
}

registry.category("fields").add("waimaolang_method", {
    component: WaimaolangMethodField,
    supportedTypes: ["selection"],
    fieldDependencies: [{ name: "found_how", type: "char" }],
});
