namespace AgentHosting.ModelRouting.Internal.Complexity;

/// <summary>The kinds of words that are counted. None of them names a topic.</summary>
internal enum WordKind : byte
{
    None,
    Negation,
    Condition,
    Quantity,
    Task,
    Comparison,
    Reason,
    Link,
    Courtesy,
}
