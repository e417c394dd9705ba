/* Copyright 2026 waimaolang contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registry } from "@web/core/registry";

/** A rep binds her mailbox, watches the import, and reads a Chinese mail in the
 * chatter of the opportunity that it belongs to. Server and port are the defaults
 * that the test sets. */
registry.category("web_tour.tours").add("waimaolang_bind_mailbox", {
    steps: () => [
        {
            content: "a new mailbox",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=name] input",
            run: "edit Lin Xiao",
        },
        {
            trigger: ".o_field_widget[name=email] input",
            run: "edit lin@lanyue.example",
        },
        {
            content: "a wrong code first",
            trigger: ".o_field_widget[name=password] input",
            run: "edit wrong-code",
        },
        {
            trigger: "button[name=action_try_connect]",
            run: "click",
        },
        {
            content: "the refusal tells cause and remedy",
            trigger: ".o_notification:contains(authorization code)",
        },
        {
            content: "and the form keeps them",
            trigger: ".alert-danger:contains(The server refused the login)",
        },
        {
            trigger: ".o_field_widget[name=password] input",
            run: "edit right-code",
        },
        {
            trigger: "button[name=action_try_connect]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Connected)",
        },
        {
            content: "the import ends",
            trigger: "button[name=action_view_mails] .o_stat_value:contains(3)",
            timeout: 60000,
        },
        {
            trigger: "button[name=action_view_mails]",
            run: "click",
        },
        {
            trigger: ".o_data_cell[name=subject]:contains(报价)",
            run: "click",
        },
        {
            trigger: "button[name=action_open_record]",
            run: "click",
        },
        {
            content: "the opportunity's chatter shows the mail with its badge",
            trigger: ".o-mail-Message .o_waimaolang_badge[data-direction=in]",
        },
        {
            trigger: ".o-mail-Message-body div:shadow :contains(不锈钢保温杯)",
        },
        {
            content: "and its attachment",
            trigger: ".o-mail-AttachmentContainer:contains(报价单.pdf)",
        },
    ],
});
