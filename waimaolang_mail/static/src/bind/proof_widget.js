/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, onMounted, onWillUnmount, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { CopyButton } from "@web/core/copy_button/copy_button";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const STAGES = ["incoming", "sending", "arrival"];
const STEPS = {
    incoming: ["dns", "tcp", "tls", "login", "id", "folders"],
    sending: ["send"],
    arrival: ["receive"],
};

/** Tests a binding stage by stage, so that each step shows as soon as it is known. */
export class WaimaolangProof extends Component {
    static template = "waimaolang_mail.Proof";
    static components = { CopyButton };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ running: false, seconds: 0, result: this.stored });
        onMounted(() => {
            if (!this.state.result.begun) {
                this.run();
            }
        });
        onWillUnmount(() => {
            this.gone = true;
            clearInterval(this.timer);
        });
    }

    get stored() {
        return this.props.record.data.proof_result || { steps: [] };
    }

    get labels() {
        return {
            dns: _t("Find the server"),
            tcp: _t("Reach it"),
            tls: _t("Encrypt the connection and check its certificate"),
            login: _t("Log in"),
            id: _t("Introduce Odoo"),
            folders: _t("Read the list of folders"),
            send: _t("Send a test mail to yourself"),
            receive: _t("Receive it"),
        };
    }

    /** All steps in order: those that are known, and those still to come. */
    get steps() {
        const known = Object.fromEntries(
            this.state.result.steps.map((step) => [step.name, step])
        );
        const names = STAGES.flatMap((stage) => STEPS[stage]);
        const next = this.state.running
            ? STEPS[this.state.running].find((name) => !known[name])
            : null;
        return names
            .filter((name) => known[name] || this.isWanted(name))
            .map((name) => ({
                ...(known[name] || {}),
                name,
                label: this.labels[name],
                state: known[name]?.state || (name === next ? "running" : "waiting"),
            }));
    }

    isWanted(name) {
        const result = this.state.result;
        const over = !this.state.running && result.begun;
        const optional = ["id", ...STEPS.sending, ...STEPS.arrival].includes(name);
        return !(over && optional) && (result.sends !== false || !optional);
    }

    time(step) {
        if (step.state === "running" && step.name === "receive") {
            return _t("%s s", this.state.seconds);
        }
        const spent = step.milliseconds;
        if (!spent) {
            return "";
        }
        return spent < 1000 ? _t("%s ms", spent) : _t("%s s", (spent / 1000).toFixed(1));
    }

    get copyText() {
        return _t("Copy for support");
    }

    get copiedText() {
        return _t("Copied");
    }

    async run() {
        this.state.result = { steps: [], sends: this.props.record.data.send_test };
        this.state.seconds = 0;
        try {
            for (const stage of STAGES) {
                this.state.running = stage;
                this.count(stage);
                this.state.result = await this.orm.call(
                    "waimaolang.bind.wizard",
                    `action_test_${stage}`,
                    [[this.props.record.resId]]
                );
                if (this.gone || this.state.result.error || this.state.result.finished) {
                    break;
                }
            }
        } finally {
            clearInterval(this.timer);
            this.state.running = false;
        }
        if (!this.gone) {
            await this.props.record.load();
        }
    }

    async enterCode() {
        await this.orm.call("waimaolang.bind.wizard", "action_enter_code", [
            [this.props.record.resId],
        ]);
        await this.props.record.load();
    }

    count(stage) {
        clearInterval(this.timer);
        if (stage === "arrival") {
            this.timer = setInterval(() => this.state.seconds++, 1000);
        }
    }
}

registry.category("view_widgets").add("waimaolang_proof", {
    component: WaimaolangProof,
    fieldDependencies: [
        { name: "proof_result", type: "json" },
        { name: "send_test", type: "boolean" },
    ],
});
