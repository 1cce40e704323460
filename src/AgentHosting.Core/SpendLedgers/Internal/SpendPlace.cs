namespace AgentHosting.SpendLedgers.Internal;

/// <summary>Where an amount is held: in which counter, and in which of its slices.</summary>
internal record struct SpendPlace(SpendCounter Counter, long Slice);
