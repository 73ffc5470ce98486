#![doc = include_str!("../README.md")]

mod answer;
mod document;
mod error;
mod settings;

use std::time::Duration;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::Builder;
use aws_sdk_bedrockruntime::error::BuildError;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, InferenceConfiguration, Message, SpecificToolChoice, SystemContentBlock, Tool,
    ToolChoice, ToolConfiguration, ToolInputSchema, ToolSpecification,
};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use recourse_aws::{Aws, BadVariable, Service};
use recourse_support::event::Event;
use recourse_support::model::{
    ModelDecision, Offer, Prompt, SYSTEM, TOOL_DESCRIPTION, TOOL_NAME, parse_tool_use, tool_schema,
};

pub use error::ModelError;
use settings::Settings;

/// How long a call may take.
const TIMEOUT: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The model of a deployment.
#[derive(Clone, Debug)]
pub struct Bedrock {
    client: Client,
    settings: Settings,
}

/// What one call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelCall {
    /// The tokens that were paid for, whatever the answer was.
    pub tokens: u64,
    /// What the model chose, or why that is not used.
    pub result: Result<ModelDecision, ModelError>,
}

impl ModelCall {
    /// The event that the case continues with; `call` is the number of the call, from
    /// [`recourse_support::Effect::AskModel`], and `model` is [`Bedrock::model`]. See
    /// [`ModelDecision::event`] for `guesses_language`.
    #[must_use]
    pub fn event(&self, call: u32, model: &str, guesses_language: bool) -> Event {
        match &self.result {
            Ok(decision) => decision.event(call, model, guesses_language),
            Err(error) => error.event(call),
        }
    }
}

impl Bedrock {
    /// Reads `SUPPORT_MODEL`, `SUPPORT_MODEL_TOKENS` and `SUPPORT_MODEL_GUARDRAIL`. `None` where
    /// no model is named, so no call can be made.
    ///
    /// # Errors
    /// [`BadVariable`].
    pub fn from_environment(aws: &Aws) -> Result<Option<Self>, BadVariable> {
        Ok(Settings::from_environment(aws)?.map(|settings| Self::new(aws, settings, TIMEOUT)))
    }

    fn new(aws: &Aws, settings: Settings, timeout: Duration) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(timeout)
            .operation_timeout(timeout)
            .build();
        // No retry: each attempt is paid for, and a person has the case instead.
        let config = Builder::from(&aws.config(Service::Bedrock))
            .timeout_config(timeouts)
            .retry_config(RetryConfig::disabled())
            .build();
        Self { client: Client::from_conf(config), settings }
    }

    /// The id of the model or inference profile, for histories.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.settings.model
    }

    /// Asks the model once. It has to use the tool `decide`, whose input is all that is read of its
    /// answer.
    pub async fn decide(&self, prompt: &Prompt<'_>) -> ModelCall {
        let request = match self.request(prompt) {
            Ok(request) => request,
            Err(_) => return ModelCall { tokens: 0, result: Err(ModelError::Unsendable) },
        };
        match request.send().await {
            Ok(output) => ModelCall {
                tokens: answer::tokens(&output),
                result: answer::tool_input(&output)
                    .and_then(|input| parse_tool_use(&input, prompt.offer).map_err(ModelError::Refused)),
            },
            Err(error) => ModelCall { tokens: 0, result: Err(ModelError::of(&error)) },
        }
    }

    /// The request. It has no `temperature`: newer models refuse one.
    fn request(
        &self,
        prompt: &Prompt<'_>,
    ) -> Result<aws_sdk_bedrockruntime::operation::converse::builders::ConverseFluentBuilder, BuildError> {
        let message = Message::builder().role(ConversationRole::User).content(ContentBlock::Text(prompt.message()));
        Ok(self
            .client
            .converse()
            .model_id(self.model())
            .system(SystemContentBlock::Text(SYSTEM.to_owned()))
            .messages(message.build()?)
            .inference_config(InferenceConfiguration::builder().max_tokens(self.settings.max_tokens).build())
            .tool_config(forced_tool(prompt.offer)?)
            .set_guardrail_config(self.settings.guardrail.clone()))
    }
}

/// The one tool, which the model has to use.
fn forced_tool(offer: &Offer) -> Result<ToolConfiguration, BuildError> {
    let tool = ToolSpecification::builder()
        .name(TOOL_NAME)
        .description(TOOL_DESCRIPTION)
        .input_schema(ToolInputSchema::Json(document::of(&tool_schema(offer))))
        .build()?;
    let choice = SpecificToolChoice::builder().name(TOOL_NAME).build()?;
    ToolConfiguration::builder().tools(Tool::ToolSpec(tool)).tool_choice(ToolChoice::Tool(choice)).build()
}

#[cfg(test)]
mod tests;
