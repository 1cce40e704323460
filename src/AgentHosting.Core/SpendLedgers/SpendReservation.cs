namespace AgentHosting.SpendLedgers;

/// <summary>What one request to a provider may cost at most, to be set aside before it is sent.</summary>
public sealed class SpendReservation
{
    // Not as decimal?, each of which takes a word more: one of these is made for every request.
    private readonly bool _hasInputCost;
    private readonly bool _hasMaxCost;
    private readonly decimal _inputCost;
    private readonly decimal _maxCost;

    /// <summary>The name of the request, <c>run/step/attempt</c>: unique, and the same when the reservation is repeated.</summary>
    public required string Id { get; init; }

    /// <summary>The step that the request serves, <c>run/step</c>.</summary>
    /// <value>The default is <see langword="null"/>: none, the request belongs to no run.</value>
    public string? Step { get; init; }

    /// <summary>
    /// Which attempt of the run makes the request. What earlier attempts left open for the same step is charged with what they had seen, marked as estimated:
    /// their process died. Requests of one attempt (retries, hedges) leave each other alone.
    /// </summary>
    public int Attempt { get; init; }

    /// <summary>To whom it is charged.</summary>
    public required SpendAccount Account { get; init; }

    /// <summary>The limits that it falls under. One whose scope does not apply to the account is passed over.</summary>
    public required IReadOnlyList<SpendLimit> Limits { get; init; }

    /// <summary>What is told when it makes spend unusually high.</summary>
    /// <value>The default is nothing.</value>
    public IReadOnlyList<SpendAnomalyRule> AnomalyRules { get; init; } = [];

    /// <summary>The counted input.</summary>
    public required long InputTokens { get; init; }

    /// <summary>The most tokens that the answer may have.</summary>
    public required long MaxOutputTokens { get; init; }

    /// <summary>What the counted input costs.</summary>
    /// <value>The default is <see langword="null"/>: the price is unknown, and caps on money do not see the request.</value>
    public decimal? InputCost { get => _hasInputCost ? _inputCost : null; init => (_hasInputCost, _inputCost) = (value is not null, value ?? 0); }

    /// <summary>What input and the longest answer cost.</summary>
    /// <value>The default is <see langword="null"/>: the price is unknown, and caps on money do not see the request.</value>
    public decimal? MaxCost { get => _hasMaxCost ? _maxCost : null; init => (_hasMaxCost, _maxCost) = (value is not null, value ?? 0); }

    /// <summary>After this time without <see cref="ISpendLedger.RenewAsync"/> or a settlement it is charged in full.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>Whether the caller gives up when it is refused. One that asks again for less has not reached the limit yet, so that nothing is told of the refusal.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool IsFinal { get; init; } = true;
}
