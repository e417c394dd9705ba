/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, onWillUnmount, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";

const MODEL = "waimaolang.mailbox";
const CHANGED = "waimaolang_mail/mailboxes";
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** Mailboxes of mine that need me; nothing at all while none does. */
export class MailboxSystray extends Component {
    static template = "waimaolang_mail.MailboxSystray";
    static components = { Dropdown };
    static props = {};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.bus = useService("bus_service");
        this.dropdown = useDropdownState();
        this.state = useState({ mailboxes: [] });
        this.look = this.look.bind(this);
        this.start();
        onWillUnmount(() => {
            this.gone = true;
            clearTimeout(this.timer);
            this.bus.unsubscribe(CHANGED, this.look);
        });
    }

    /** After the web client stands, and for those who have mailboxes alone. */
    async start() {
        if ((await user.hasGroup("waimaolang_mail.group_user")) && !this.gone) {
            this.bus.subscribe(CHANGED, this.look);
            await this.look();
        }
    }

    async look() {
        const found = await this.orm.silent.call(MODEL, "get_needing_me", []);
        if (this.gone) {
            return;
        }
        this.state.mailboxes = found.mailboxes;
        clearTimeout(this.timer);
        if (found.again_in) {
            // an error becomes one that needs somebody, and nobody rings then
            const wait = Math.min(found.again_in * 1000, LONGEST_TIMEOUT);
            this.timer = setTimeout(this.look, wait);
        }
    }

    get title() {
        return _t("Mailboxes that need you: %s", this.state.mailboxes.length);
    }

    async reconnect(mailbox) {
        this.dropdown.close();
        const action = await this.orm.call(MODEL, "action_open_reconnect", [
            [mailbox.id],
        ]);
        await this.action.doAction(action, { onClose: this.look });
    }

    open(mailbox) {
        this.dropdown.close();
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: MODEL,
            res_id: mailbox.id,
            views: [[false, "form"]],
        });
    }
}

registry
    .category("systray")
    .add(
        "waimaolang_mail.mailboxes",
        { Component: MailboxSystray },
        { sequence: 30 }
    );
