/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Message } from "@mail/core/common/message";
import { patch } from "@web/core/utils/patch";

patch(Message.prototype, {
    /** Core shows whom a message went to on its own record only. */
    get showsRecipients() {
        const { message, thread } = this.props;
        return message.thread?.eq(thread) || message.isForeignMail(thread);
    },
});
