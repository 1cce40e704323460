using System.Globalization;

namespace AgentHosting.Core.Tests.TokenBudgets;

/// <summary>What the provider of a test does about a request, which carries it as its text.</summary>
internal sealed record BillingPlan(string Outcome, int Length, bool Reports)
{
    public static BillingPlan Random(Random random, bool overruns) => new(
        random.Next(8) switch { 0 => "error", 1 => "lost", 2 => "cancel", 3 => "leave", 4 when overruns => "overrun", _ => "ok" }, random.Next(0, 40), random.Next(2) == 0);

    public static BillingPlan Parse(string text)
    {
        var parts = text.Split(' ');
        return new(parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture), bool.Parse(parts[2]));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Outcome} {Length} {Reports}");
}
