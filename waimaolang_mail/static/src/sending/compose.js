/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Composer } from "@mail/core/common/composer";
import { MailComposerFormRenderer } from "@mail/chatter/web/mail_composer_form";
import { useEffect } from "@odoo/owl";
import { patch } from "@web/core/utils/patch";

patch(Composer.prototype, {
    /** Core leaves a composer dead whose message was refused. */
    async processMessage() {
        try {
            return await super.processMessage(...arguments);
        } catch (error) {
            this.state.active = true;
            throw error;
        }
    },

    /** What was chosen here goes on in the large one. */
    get fullComposerAdditionalContext() {
        const context = super.fullComposerAdditionalContext;
        const { composer, type } = this.props;
        if (type === "note") {
            return context;
        }
        const { waimaolangSender } = this.thread ?? {};
        return {
            ...context,
            waimaolang_add_signature: composer.emailAddSignature,
            ...(waimaolangSender ? { default_waimaolang_mailbox_id: waimaolangSender } : {}),
        };
    },
});

patch(MailComposerFormRenderer.prototype, {
    setup() {
        super.setup(...arguments);
        if (!this.props.record.data.waimaolang_composed) {
            return;
        }
        // core would put its recipients into the small composer of the record
        this.env.dialogData.dismiss = undefined;
        useEffect(
            (el) => {
                const { partner_ids, waimaolang_to, waimaolang_each } = this.props.record.data;
                const isTold = partner_ids.count || waimaolang_to || waimaolang_each;
                const subject = el?.querySelector("[name=subject] input");
                const where = !isTold
                    ? el?.querySelector("[name=partner_ids] input")
                    : subject?.value
                      ? el?.querySelector(".note-editable[contenteditable]")
                      : subject;
                where?.focus();
            },
            () => [this.root.el]
        );
    },
});
