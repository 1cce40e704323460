namespace AgentHosting.Fallbacks.Internal;

/// <summary>
/// What configuration may say. A type of its own, because the options also hold clients, which the binder cannot make, and because a chain in configuration
/// replaces the one in code, where the binder would add to it.
/// </summary>
internal sealed class FallbackSection
{
    public IList<string>? Models { get; set; }

    public int? MaxAttempts { get; set; }

    public bool? FallBackOnContentFilter { get; set; }

    public bool? FallBackWithoutHistory { get; set; }

    public TimeSpan? HedgeAfter { get; set; }

    public int? MaxHedges { get; set; }

    public string? LastResortMessage { get; set; }

    public void ApplyTo(FallbackOptions options)
    {
        if (Models is { Count: > 0 })
        {
            options.Models.Clear();
            foreach (var model in Models)
            {
                options.Models.Add(model);
            }
        }

        options.MaxAttempts = MaxAttempts ?? options.MaxAttempts;
        options.FallBackOnContentFilter = FallBackOnContentFilter ?? options.FallBackOnContentFilter;
        options.FallBackWithoutHistory = FallBackWithoutHistory ?? options.FallBackWithoutHistory;
        options.HedgeAfter = HedgeAfter ?? options.HedgeAfter;
        options.MaxHedges = MaxHedges ?? options.MaxHedges;
        options.LastResortMessage = LastResortMessage ?? options.LastResortMessage;
    }
}
