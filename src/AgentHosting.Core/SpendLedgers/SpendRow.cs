namespace AgentHosting.SpendLedgers;

/// <summary>One request in the ledger.</summary>
public sealed class SpendRow
{
    /// <summary>To whom it was charged.</summary>
    public required SpendAccount Account { get; init; }

    /// <summary>What it cost.</summary>
    public required SpendSettlement Settlement { get; init; }

    /// <summary>When it was settled, or charged by estimate.</summary>
    public required DateTimeOffset At { get; init; }
}
