namespace AgentHosting.ModelRouting.Internal;

/// <summary>Who answered a call that was routed to a model.</summary>
internal enum AnswerSource
{
    /// <summary>The model.</summary>
    Model,

    /// <summary>Another one, or nobody: a fallback below stepped in.</summary>
    OtherModel,

    /// <summary>A cache below. No model was asked for this call.</summary>
    Cache,
}
