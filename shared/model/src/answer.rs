//! Reading what Bedrock answered.

use aws_sdk_bedrockruntime::operation::converse::ConverseOutput;
use aws_sdk_bedrockruntime::types::{ContentBlock, StopReason};
use recourse_support::model::TOOL_NAME;

use crate::{ModelError, document};

/// The tokens that the call is paid for, those of the question included.
pub(crate) fn tokens(output: &ConverseOutput) -> u64 {
    output.usage().and_then(|usage| u64::try_from(usage.total_tokens()).ok()).unwrap_or_default()
}

/// The input of the tool as JSON. Exactly one use of the tool `decide` counts; text beside it is
/// not read.
pub(crate) fn tool_input(output: &ConverseOutput) -> Result<String, ModelError> {
    match output.stop_reason() {
        StopReason::ToolUse => {}
        StopReason::GuardrailIntervened | StopReason::ContentFiltered => return Err(ModelError::Blocked),
        StopReason::MaxTokens | StopReason::ModelContextWindowExceeded => return Err(ModelError::CutOff),
        _ => return Err(ModelError::NoTool),
    }
    let message = output.output().and_then(|output| output.as_message().ok());
    let blocks = message.map(|message| message.content()).unwrap_or_default();
    let mut uses = blocks.iter().filter_map(|block| match block {
        ContentBlock::ToolUse(tool) => Some(tool),
        _ => None,
    });
    match (uses.next(), uses.next()) {
        (Some(tool), None) if tool.name() == TOOL_NAME => Ok(document::to_json(tool.input()).to_string()),
        _ => Err(ModelError::NoTool),
    }
}
