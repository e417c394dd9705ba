/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { messageActionsRegistry, registerMessageAction } from "@mail/core/common/message_actions";
import { _t } from "@web/core/l10n/translation";

/** The customer has it as it was, or is about to. */
const LEFT = ["sending", "unknown", "sent"];

// Who edits or deletes a message does so where it stands.
for (const id of ["edit", "delete"]) {
    const definition = messageActionsRegistry.get(id);
    const { condition } = definition;
    messageActionsRegistry.add(
        id,
        {
            ...definition,
            condition: (params) =>
                !params.message.isForeignMail(params.thread) &&
                !LEFT.includes(params.message.waimaolang_outbox?.state) &&
                condition(params),
        },
        { force: true }
    );
}

registerMessageAction("waimaolang-conversation", {
    condition: ({ message }) => Boolean(message.waimaolang_badge?.conversation),
    icon: "fa fa-comments-o",
    name: _t("Open Conversation"),
    onSelected: ({ message, owner }) =>
        owner.env.services.action.doAction({
            type: "ir.actions.act_window",
            res_model: "waimaolang.conversation",
            res_id: message.waimaolang_badge.conversation,
            views: [[false, "form"]],
        }),
    sequence: 75,
});

/** The composer is filled in by the server: who gets the answer, from which mailbox,
 * what stands below it. */
async function compose({ message, owner, thread }, mode) {
    const { action, orm } = owner.env.services;
    const opened = await orm.call("mail.message", "waimaolang_compose", [[message.id]], {
        mode,
        model: thread?.model || false,
        res_id: thread?.id || false,
    });
    await action.doAction(opened, { onClose: () => thread?.fetchNewMessages() });
}

for (const [mode, name, icon, sequence] of [
    ["reply", _t("Reply"), "fa fa-reply", 20],
    ["reply_all", _t("Reply All"), "fa fa-reply-all", 21],
    ["forward", _t("Forward"), "fa fa-share", 22],
]) {
    registerMessageAction(`waimaolang-${mode.replace("_", "-")}`, {
        condition: ({ message }) => message.canAnswerMail,
        icon,
        name,
        onSelected: (params) => compose(params, mode),
        sequence,
    });
}
