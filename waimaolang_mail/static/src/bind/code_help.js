/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Where a provider's code is to be had: numbered steps and the provider's page. */
export class WaimaolangCodeHelp extends Component {
    static template = "waimaolang_mail.CodeHelp";
    static props = { ...standardFieldProps };

    get help() {
        const none = { kind: "password", steps: [], admin_steps: [], url: "" };
        return this.props.record.data[this.props.name] || none;
    }
}

registry.category("fields").add("waimaolang_code_help", {
    component: WaimaolangCodeHelp,
    supportedTypes: ["json"],
});
