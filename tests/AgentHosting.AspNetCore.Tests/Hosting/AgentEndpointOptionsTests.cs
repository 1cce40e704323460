using Microsoft.Extensions.Options;

namespace AgentHosting.AspNetCore.Tests.Hosting;

public sealed class AgentEndpointOptionsTests
{
    [Fact]
    public void Defaults_AreThoseOfTheDocumentation()
    {
        var options = new AgentEndpointOptions();

        Assert.Equal(
            ("/agent", "/health", 262_144, 100_000, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(2)),
            (options.Prefix, options.HealthPath, options.MaxRequestBodyBytes, options.MaxMessageLength, options.PingInterval, options.HealthTimeout));
        Assert.Null(options.UserIdClaimType);
        Assert.Null(options.TenantIdSelector);
        Assert.Equal(6, options.ClaimTypes.Count);
    }

    [Fact]
    public void Map_SeveralInvalidOptions_ThrowsWithEveryReason()
    {
        var exception = Assert.Throws<OptionsValidationException>(() => TestApp.Build(endpoints: options =>
        {
            options.Prefix = "agent";
            options.HealthPath = "/";
            options.MaxRequestBodyBytes = 0;
            options.MaxMessageLength = -1;
            options.PingInterval = TimeSpan.Zero;
            options.HealthTimeout = TimeSpan.FromDays(1);
        }));

        Assert.Equal(
            ["Prefix", "HealthPath", "MaxRequestBodyBytes", "MaxMessageLength", "PingInterval", "HealthTimeout"],
            exception.Failures.Select(failure => failure.Split(' ')[0]));
        Assert.Contains("Prefix is 'agent'. Start it with '/'", exception.Message, StringComparison.Ordinal);
    }
}
