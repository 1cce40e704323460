using AgentHosting.SpendLedgers;
using AgentHosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentHosting.Core.Tests.SpendLedgers;

public sealed class SpendLedgerOptionsTests
{
    [Theory]
    [InlineData("Retention", "23:59:59", "Use a day or more and at most 3650 days")]
    [InlineData("Retention", "3651", "Use a day or more and at most 3650 days")]
    [InlineData("IdleRetention", "00:59:59", "Use an hour or more and at most 3650 days")]
    [InlineData("IdleRetention", "10000000", "Use an hour or more and at most 3650 days")]
    [InlineData("SweepInterval", "30", "A number alone means days")]
    public async Task Start_TimeOutOfBounds_NamesKeyAndFix(string key, string value, string fix)
    {
        using var host = Host(key, value);
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains($"AgentHosting:SpendLedger:{key} is ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(fix, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Retention", "1")]
    [InlineData("Retention", "3650")]
    [InlineData("IdleRetention", "01:00:00")]
    [InlineData("IdleRetention", "3650")]
    public void Value_TimeAtABound_IsTaken(string key, string value)
    {
        using var host = Host(key, value);

        Assert.NotNull(host.Services.GetRequiredService<IOptions<SpendLedgerOptions>>().Value);
    }

    private static IHost Host(string key, string value) => TestHost.Build(
        static hosting => hosting.AddModel("mini", static _ => new ScriptedChatClient(ScriptedTurn.Text("ok"))).AddAgent("a"), ($"AgentHosting:SpendLedger:{key}", value));
}
