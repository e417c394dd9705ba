/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatInteger } from "@web/views/fields/formatters";
import { RadioField, radioField } from "@web/views/fields/radio/radio_field";

/** History windows with what each of them means: mails and megabytes. */
export class WaimaolangHistoryField extends RadioField {
    get items() {
        const estimates = this.props.record.data.estimates || {};
        return super.items.map(([value, label]) => {
            const found = estimates[value];
            return [value, found ? this.told(label, found) : label];
        });
    }

    told(window, found) {
        return _t("%(window)s: %(amount)s", { window, amount: this.amount(found) });
    }

    amount([count, bytes]) {
        const megabytes = Math.max(bytes / 2 ** 20, count ? 0.1 : 0);
        const size = megabytes < 10 ? megabytes.toFixed(1) : Math.round(megabytes);
        return _t("about %(count)s mails, %(size)s MB", {
            count: formatInteger(count),
            size,
        });
    }
}

registry.category("fields").add("waimaolang_history", {
    ...radioField,
    component: WaimaolangHistoryField,
    supportedTypes: ["selection"],
    fieldDependencies: [{ name: "estimates", type: "json" }],
});
