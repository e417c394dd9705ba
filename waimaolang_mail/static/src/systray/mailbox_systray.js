/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, onWillUnmount, useExternalListener, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";

const MODEL = "waimaolang.mailbox";
const CHANGED = "waimaolang_mail/mailboxes";
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** Mailboxes of mine that need me, and those that import older mail; nothing at all
 * while there are none. */
export class MailboxSystray extends Component {
    static template = "waimaolang_mail.MailboxSystray";
    static components = { Dropdown };
    static props = {};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.bus = useService("bus_service");
        this.dropdown = useDropdownState();
        this.state = useState({ mailboxes: [], importing: [] });
        this.look = this.look.bind(this);
        useExternalListener(document, "visibilitychange", () => this.awake());
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
        this.state.importing = found.importing;
        this.missed = false;
        clearTimeout(this.timer);
        if (found.again_in) {
            // an error becomes one that needs somebody, an import goes on, and nobody
            // rings then
            const wait = Math.min(found.again_in * 1000, LONGEST_TIMEOUT);
            this.timer = setTimeout(() => this.lookIfSeen(), wait);
        }
    }

    /** Tabs that nobody sees ask nothing. */
    async lookIfSeen() {
        if (document.hidden) {
            this.missed = true;
        } else {
            await this.look();
        }
    }

    async awake() {
        if (this.missed && !document.hidden) {
            await this.look();
        }
    }

    get isShown() {
        return this.state.mailboxes.length + this.state.importing.length > 0;
    }

    get isPaused() {
        return this.state.importing.every((mailbox) => mailbox.paused);
    }

    /** Of all of them, as the one that is furthest behind. */
    get percent() {
        return Math.min(...this.state.importing.map((mailbox) => mailbox.percent));
    }

    get title() {
        if (this.state.mailboxes.length) {
            return _t("Mailboxes that need you: %s", this.state.mailboxes.length);
        }
        return this.isPaused
            ? _t("The import of older mail is paused")
            : _t("Older mail is being imported: %s", `${this.percent}%`);
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
