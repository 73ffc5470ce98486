//! Which case a mail of Recourse's belongs to, by the Message-ID that SES gave it: how an answer
//! finds its case when it comes without the plus-address.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::items::{body, item, text};
use crate::keys::PK;
use crate::{MailId, Store, keys};

/// How many ids are looked up at most: as many as one read gets.
const MAX_IDS: usize = 100;

#[derive(Serialize, Deserialize)]
struct SentId {
    mail: MailId,
}

impl Store {
    /// Remembers under which Message-ID a mail went out: `id@host`, with or without its brackets.
    /// The worker does so before it stores that the mail is sent. An id that is remembered already
    /// keeps its first mail.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remember_sent_id(&self, mail: MailId, message_id: &str) -> Result<(), StoreError> {
        let stored = item(&keys::sent_id(message_id), "sent_id", &SentId { mail })?;
        let put = self.client.put_item().table_name(&self.tables.disputes).set_item(Some(stored));
        let sent = put.condition_expression("attribute_not_exists(PK)").send().await;
        match sent {
            Ok(_) => Ok(()),
            Err(error)
                if matches!(error.as_service_error(), Some(PutItemError::ConditionalCheckFailedException(_))) =>
            {
                Ok(())
            }
            Err(error) => Err(StoreError::from_sdk("PutItem", &error)),
        }
    }

    /// Which of our mails have these Message-IDs: one answer for each id, in the order of the ids.
    /// Ids after the first hundred are not looked up.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn case_of_message_ids(&self, ids: &[String]) -> Result<Vec<Option<MailId>>, StoreError> {
        let wanted: Vec<_> = ids.iter().take(MAX_IDS).map(|id| keys::sent_id(id)).collect();
        let found = self.batch(&wanted).await?;
        let mail_at = |pk: &str| {
            let item = found.iter().find(|item| text(item, PK) == Some(pk)).cloned()?;
            Some(body::<SentId>(item).map(|sent| sent.mail))
        };
        let mut mails = wanted.iter().map(|key| mail_at(&key.pk).transpose()).collect::<Result<Vec<_>, _>>()?;
        mails.resize(ids.len(), None);
        Ok(mails)
    }
}
