/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { MailComposerAttachmentSelector } from "@mail/core/web/mail_composer_attachment_selector";
import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** From which mailbox the mail leaves: who has one reads it, who has several chooses. */
export class SenderField extends Component {
    static template = "waimaolang_mail.SenderField";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ senders: [] });
        onWillStart(async () => {
            this.state.senders = await this.orm.silent.call(
                "waimaolang.mailbox",
                "get_senders",
                []
            );
        });
    }

    get chosen() {
        return this.props.record.data[this.props.name];
    }

    labelOf({ name, email }) {
        return `${name} <${email}>`;
    }

    get text() {
        const sender = this.state.senders.find(({ id }) => id === this.chosen?.id);
        return sender ? this.labelOf(sender) : this.chosen?.display_name;
    }

    onChange(ev) {
        const sender = this.state.senders.find(({ id }) => id === Number(ev.target.value));
        this.props.record.update({
            [this.props.name]: { id: sender.id, display_name: sender.name },
        });
    }
}

registry.category("fields").add("waimaolang_sender", {
    component: SenderField,
    supportedTypes: ["many2one"],
});

/** The lines that few mails need come when they are asked for. */
export class UnfoldField extends Component {
    static template = "waimaolang_mail.UnfoldField";
    static props = { ...standardFieldProps };

    unfold() {
        this.props.record.update({ [this.props.name]: true });
    }
}

registry.category("fields").add("waimaolang_unfold", {
    component: UnfoldField,
    supportedTypes: ["boolean"],
});

patch(MailComposerAttachmentSelector.prototype, {
    /** A mail that stands on no record: there is no thread to upload the file to. */
    async onFileUploaded({ data, name, type }) {
        if (this.props.record.data.model || !this.props.record.data.waimaolang_composed) {
            return super.onFileUploaded(...arguments);
        }
        const [id] = await this.env.services.orm.create("ir.attachment", [
            { name, datas: data, mimetype: type, res_model: "mail.compose.message", res_id: 0 },
        ]);
        await this.operations.saveRecord([id]);
    },
});
