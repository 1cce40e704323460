namespace AgentHosting.ToolValidation;

/// <summary>What a run does about a call that was begun and interrupted, of a tool that may not be called twice: it may have taken effect, or not.</summary>
public enum UnknownOutcomePolicy
{
    /// <summary>The model is told that the outcome is not known.</summary>
    TellModel = 0,

    /// <summary>A person is asked whether to repeat the call, like for an approval. Where the person says no, or nobody answers in time, the model is told.</summary>
    Ask = 1,
}
