/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, onWillUnmount, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { debounce } from "@web/core/utils/timing";
import { useService } from "@web/core/utils/hooks";

const CHANGED = "waimaolang_tasks/answers";
// A batch of mails rings once for each of its tasks.
const QUIET_MS = 1000;
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** Answers of mine that are late; nothing at all where no rule works. */
export class AnswerSystray extends Component {
    static template = "waimaolang_tasks.AnswerSystray";
    static props = {};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.bus = useService("bus_service");
        this.state = useState({ late: 0, on: false });
        this.look = this.look.bind(this);
        this.ring = debounce(this.look, QUIET_MS);
        this.start();
        onWillUnmount(() => {
            this.gone = true;
            clearTimeout(this.timer);
            this.ring.cancel();
            this.bus.unsubscribe(CHANGED, this.ring);
        });
    }

    /** After the web client stands, and for those who have mailboxes alone. */
    async start() {
        if ((await user.hasGroup("waimaolang_mail.group_user")) && !this.gone) {
            this.bus.subscribe(CHANGED, this.ring);
            await this.look();
        }
    }

    async look() {
        const found = await this.orm.silent.call("mail.activity", "get_answers_due", []);
        if (this.gone) {
            return;
        }
        this.state.late = found.late;
        this.state.on = found.on;
        clearTimeout(this.timer);
        if (found.next !== false) {
            const wait = Math.min((found.next + 1) * 1000, LONGEST_TIMEOUT);
            this.timer = setTimeout(this.look, wait);
        }
    }

    get title() {
        return this.state.late
            ? _t("Answers that are late: %s", this.state.late)
            : _t("No answer is late");
    }

    open() {
        return this.action.doAction("waimaolang_tasks.answer_action", {
            clearBreadcrumbs: true,
        });
    }
}

registry
    .category("systray")
    .add("waimaolang_tasks.answers", { Component: AnswerSystray }, { sequence: 29 });
