//! What the audit log calls what operators see and do. This is the one table of its actions.

macro_rules! actions {
    ($($name:ident = $code:literal, $meaning:literal;)*) => {
        /// What an operator saw or did, or tried to. Names are stable; meanings are for people.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum AuditAction {
            $(
                #[doc = $meaning]
                $name,
            )*
        }

        impl AuditAction {
            /// Every action.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name in the audit log.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What it means, for people.
            pub(crate) fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* }
            }
        }
    };
}

actions! {
    SignInLink = "sign_in_link", "a sign-in link was asked for; without a name where no operator has the address";
    SignIn = "sign_in", "a session began";
    SignOut = "sign_out", "a session was ended";
    Queue = "queue", "a list of cases was seen";
    Case = "case", "a case was seen";
    CaseFind = "case_find", "a text was looked for in a case";
    CasePreview = "case_preview", "the preview of a reply was seen";
    File = "file", "the address of a file was given out";
    Take = "take", "a case was taken";
    Release = "release", "a case was given back to the queue";
    Assign = "assign", "a case was given to an agent";
    Reply = "reply", "a reply was written";
    Note = "note", "a note was written";
    Resolve = "resolve", "a case was resolved";
    Search = "search", "disputes were searched for";
    SearchEmail = "search_email", "disputes were searched for by a mail address";
    Numbers = "numbers", "the numbers were seen";
    NumbersCsv = "numbers_csv", "the numbers were downloaded";
    Settings = "settings", "a page or a form of the settings was refused";
    SettingsAccounts = "settings_accounts", "the list of accounts was seen";
    SettingsAccount = "settings_account", "an account was seen";
    SettingsTemplates = "settings_templates", "the mails of the support process were seen";
    SettingsPlaybooks = "settings_playbooks", "the playbooks were seen";
    SettingsDryRun = "settings_dry_run", "a playbook was tried on the last cases";
    SettingsOutbox = "settings_outbox", "unsent mails were seen";
    SettingsHealth = "settings_health", "the health of the deployment was seen";
    SettingsOperators = "settings_operators", "the list of operators was seen";
    AccountCreate = "account_create", "an account was created";
    AccountSet = "account_set", "an account was changed";
    AccountSuspend = "account_suspend", "an account was suspended";
    AccountResume = "account_resume", "an account was resumed";
    KeyCreate = "key_create", "a key was created";
    KeyRevoke = "key_revoke", "a key was revoked";
    UserSet = "user_set", "a person of an account got a password";
    UserRemove = "user_remove", "a person of an account was removed";
    OutboxRedrive = "outbox_redrive", "unsent mails were sent again";
    OperatorCreate = "operator_create", "an operator was created";
    OperatorRole = "operator_role", "the role of an operator was changed";
    OperatorEndSessions = "operator_end_sessions", "all sessions of an operator were ended";
    OperatorResetIdentity = "operator_reset_identity", "who an operator is at the identity provider was reset";
    OperatorRemove = "operator_remove", "an operator was removed";
    SettingsForget = "settings_forget", "the page for erasing a person's data was seen";
    ForgetLook = "forget_look", "what is stored of a person was looked at";
    Forget = "forget", "a person was erased, or some of it";
    ForgetCertificate = "forget_certificate", "a certificate of an erasure was downloaded";
    AuditLog = "audit_log", "the audit log was read";
    AuditExport = "audit_export", "the audit log was downloaded";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_name_of_its_own_and_is_in_the_documents() {
        let documents = include_str!("../../../docs/console.md");
        for (at, action) in AuditAction::ALL.iter().enumerate() {
            let name = action.name();
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
            assert_eq!(AuditAction::ALL.iter().position(|other| other.name() == name), Some(at), "{name}");
            assert!(documents.contains(&format!("`{name}`")), "docs/console.md does not have {name}");
        }
    }
}
