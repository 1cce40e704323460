using AgentHosting.Runs;
using AgentHosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.Runs;

public sealed class TenantWeightTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SubmitAsync_WeightsInCodeAndConfiguration_TenantsGetTurnsByThem()
    {
        await using var host = await TestHost.StartAsync(
            builder => builder
                .AddModel("mini", static _ => new ScriptedChatClient(ScriptedTurn.Text("x")))
                .AddAgent("a")
                .ConfigureStore(static store =>
                {
                    store.TenantWeights["paying"] = 2;
                    store.TenantWeights["lone"] = 4;
                }),
            ("AgentHosting:Store:TenantWeights:paying", "3"),
            ("AgentHosting:Worker:Enabled", "false"));
        for (var i = 0; i < 40; i++)
        {
            await SubmitAsync("ann", "paying");
            await SubmitAsync("bob", "free");
            // Who names no tenant is one.
            await SubmitAsync("lone", null);
        }

        var claims = host.Store.Claim(
            new RunClaimRequest { WorkerId = "w", MaxRuns = 40, LeaseDuration = TimeSpan.FromMinutes(1), Agents = new Dictionary<string, int> { ["a"] = 40 } });

        var shares = claims.CountBy(static claim => claim.Run.Identity.UserId).ToDictionary();
        Assert.InRange(shares["bob"], 4, 6);
        Assert.InRange(shares["ann"], 14, 16);
        Assert.InRange(shares["lone"], 19, 21);

        Task SubmitAsync(string user, string? tenant) =>
            host.Client.SubmitAsync(new AgentRunRequest { Message = "Hello", Identity = new AgentIdentity { UserId = user, TenantId = tenant } }, Token).AsTask();
    }
}
