namespace AgentHosting.SpendLedgers.Internal;

/// <summary>Where a settlement stands in the book: in which sum, and in which row.</summary>
internal readonly record struct SpendEntry(SpendSum Sum, long Row);
