/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import "@mail/chatter/web/chatter_patch";
import { Chatter } from "@mail/chatter/web_portal/chatter";
import { Store } from "@mail/core/common/store_service";
import { Component, onWillStart, useState } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";

/** From which mailbox a message leaves: the one that the server would choose, or
 * another of the user's. */
export class SendFrom extends Component {
    static template = "waimaolang_mail.SendFrom";
    static props = { thread: Object };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ senders: [] });
        onWillStart(async () => {
            const { model, id } = this.props.thread;
            this.state.senders = await this.orm.silent.call(
                "waimaolang.mailbox",
                "get_senders",
                [model, id || false]
            );
            this.props.thread.waimaolangSender = undefined;
        });
    }

    get chosen() {
        const { thread } = this.props;
        return (
            thread.waimaolangSender ?? this.state.senders.find((sender) => sender.default)?.id
        );
    }

    onChange(ev) {
        this.props.thread.waimaolangSender = Number(ev.target.value);
    }
}

Object.assign(Chatter.components, { SendFrom });

patch(Store.prototype, {
    async getMessagePostParams({ postData, thread }) {
        const params = await super.getMessagePostParams(...arguments);
        if (!postData.isNote && thread.waimaolangSender) {
            params.post_data.waimaolang_sending = { mailbox_id: thread.waimaolangSender };
        }
        return params;
    },
});
