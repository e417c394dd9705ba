/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Message } from "@mail/core/common/message";
import { Component, onWillUnmount, useEffect, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";

const SECOND = 1000;
// What leaves later than that is told as a time, not counted down.
const LONGEST_COUNTDOWN = 300;

/** How the sending of a message goes, and what its sender can do about it. */
export class OutboxStatus extends Component {
    static template = "waimaolang_mail.OutboxStatus";
    static props = { message: Object };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.state = useState({ seconds: 0, busy: false });
        useEffect(
            (seconds) => {
                this.state.seconds = seconds;
                browser.clearInterval(this.timer);
                if (seconds && seconds <= LONGEST_COUNTDOWN) {
                    this.timer = browser.setInterval(() => this.tick(), SECOND);
                }
            },
            () => [this.outbox.seconds]
        );
        onWillUnmount(() => browser.clearInterval(this.timer));
    }

    get outbox() {
        return this.props.message.waimaolang_outbox;
    }

    get text() {
        const { state, held, asked, error } = this.outbox;
        switch (state) {
            case "queued": {
                if (held) {
                    return _t("Waits: the mailbox is paused or has to be reconnected");
                }
                if (this.state.seconds > LONGEST_COUNTDOWN) {
                    const at = deserializeDateTime(this.outbox.send_at);
                    return _t("Leaves at %s", toLocaleDateTimeString(at, { showSeconds: false }));
                }
                if (this.state.seconds) {
                    return _t("Leaves in %s s", this.state.seconds);
                }
                if (!error || !this.outbox.due) {
                    return _t("Being sent");
                }
                const at = deserializeDateTime(this.outbox.due);
                return _t(
                    "Not sent yet, tried again at %s",
                    toLocaleDateTimeString(at, { showSeconds: false })
                );
            }
            case "sending":
                return _t("Being sent");
            case "unknown":
                return asked
                    ? _t("Not known whether it left")
                    : _t("Looking whether it left");
            case "failed":
                return _t("Not sent");
            case "cancelled":
                return _t("Sending cancelled");
        }
        return "";
    }

    get canCancel() {
        return this.outbox.mine && this.outbox.state === "queued";
    }

    get canSendNow() {
        const { mine, state, held } = this.outbox;
        return mine && state === "queued" && !held && this.state.seconds > 0;
    }

    get canEdit() {
        return this.outbox.mine && ["failed", "cancelled"].includes(this.outbox.state);
    }

    get canRetry() {
        const { mine, state, asked } = this.outbox;
        return mine && (["failed", "cancelled"].includes(state) || asked);
    }

    async tick() {
        this.state.seconds = Math.max(0, this.state.seconds - 1);
        if (!this.state.seconds) {
            browser.clearInterval(this.timer);
            // the scheduler looks for what is due later only once a minute
            await this.orm.silent.call("waimaolang.outbox", "wake", [[this.outbox.id]]);
        }
    }

    async run(method) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            return await this.orm.call("waimaolang.outbox", method, [[this.outbox.id]]);
        } finally {
            this.state.busy = false;
        }
    }

    cancel() {
        return this.run("action_cancel");
    }

    sendNow() {
        return this.run("action_send_now");
    }

    async edit() {
        const { thread } = this.props.message;
        const opened = await this.run("action_edit");
        if (opened) {
            await this.action.doAction(opened, {
                onClose: () => thread?.fetchNewMessages(),
            });
        }
    }

    confirmSent() {
        return this.run("action_confirm_sent");
    }

    retry() {
        if (!this.outbox.asked) {
            return this.run("action_retry");
        }
        this.dialog.add(ConfirmationDialog, {
            title: _t("Send again?"),
            body: _t("If it has left, the customer gets it twice."),
            confirmLabel: _t("Send Again"),
            confirm: () => this.run("action_retry"),
            cancel: () => {},
        });
    }

    open() {
        this.action.doAction({
            type: "ir.actions.act_window",
            name: this.text,
            res_model: "waimaolang.outbox",
            res_id: this.outbox.id,
            views: [[false, "form"]],
            target: "new",
        });
    }
}

patch(Message, {
    components: { ...Message.components, OutboxStatus },
});
