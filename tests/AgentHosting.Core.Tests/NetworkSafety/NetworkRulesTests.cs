using System.Net;
using AgentHosting.NetworkSafety;
using AgentHosting.NetworkSafety.Internal;

namespace AgentHosting.Core.Tests.NetworkSafety;

/// <summary>A rule holds for all ways of writing what it names.</summary>
public sealed class NetworkRulesTests
{
    [Theory]
    [InlineData("bücher.example", "http://xn--bcher-kva.example/")]
    [InlineData("bücher.example", "http://bücher.example/")]
    [InlineData("BÜCHER.example", "http://bücher.example/")]
    [InlineData("xn--bcher-kva.example", "http://bücher.example/")]
    [InlineData("*.bücher.example", "http://a.xn--bcher-kva.example/")]
    [InlineData("evil.test.", "http://evil.test/")]
    [InlineData("evil.test", "http://evil.test./")]
    [InlineData("*.evil.test.", "http://a.evil.test./")]
    [InlineData("evil.test", "http://EVIL.TEST/")]
    [InlineData("evil.test", "http://evil\u3002test/")]
    [InlineData("[2606:4700::1111]", "http://[2606:4700:0::0:1111]/")]
    [InlineData("2606:4700:0:0::1111", "http://[2606:4700::1111]/")]
    [InlineData("93.184.215.14", "http://[::ffff:93.184.215.14]/")]
    [InlineData("93.184.215.14", "http://0x5db8d70e/")]
    public void Check_DeniedHostWrittenOtherwise_IsRefused(string pattern, string url)
    {
        var rules = new NetworkRules(new NetworkSafetyOptions { DeniedHosts = { pattern } });

        Assert.Throws<NetworkAccessDeniedException>(() => rules.Check(new Uri(url)));
    }

    [Theory]
    [InlineData("bücher.example", "http://xn--bcher-kva.example/")]
    [InlineData("*.bücher.example", "http://a.bücher.example/")]
    [InlineData("good.test.", "http://good.test/")]
    public void Check_AllowedHostWrittenOtherwise_IsAllowed(string pattern, string url) =>
        new NetworkRules(new NetworkSafetyOptions { AllowedHosts = { pattern } }).Check(new Uri(url));

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("*.")]
    [InlineData("*evil.test")]
    [InlineData("a.*.test")]
    [InlineData("https://evil.test")]
    [InlineData("evil.test:443")]
    [InlineData("evil.test/path")]
    public void Create_HostThatMatchesNothing_IsRefused(string pattern)
    {
        var denied = Assert.Throws<ArgumentException>(() => new NetworkSafetyHandler(new NetworkSafetyOptions { DeniedHosts = { pattern } }));
        Assert.Throws<ArgumentException>(() => new NetworkSafetyHandler(new NetworkSafetyOptions { AllowedHosts = { pattern } }));
        Assert.Contains($"'{pattern}'", denied.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("::ffff:93.184.0.0/112", "93.184.215.14")]
    [InlineData("::ffff:93.184.0.0/112", "::ffff:93.184.215.14")]
    [InlineData("93.184.0.0/16", "::ffff:93.184.215.14")]
    [InlineData("93.184.0.0/16", "64:ff9b::93.184.215.14")]
    [InlineData("93.184.0.0/16", "2a00:1450:4001::5efe:93.184.215.14")]
    [InlineData("64:ff9b::/96", "64:ff9b::93.184.215.14")]
    [InlineData("::ffff:0:0/96", "93.184.215.14")]
    public void Check_DeniedNetworkWrittenOtherwise_IsRefused(string network, string address)
    {
        var rules = new NetworkRules(new NetworkSafetyOptions { DeniedNetworks = { IPNetwork.Parse(network) } });

        Assert.Throws<NetworkAccessDeniedException>(() => rules.Check("a.test", [IPAddress.Parse(address)]));
    }

    [Fact]
    public void Check_AllowedNetworkIsMapped_HoldsForTheAddress() =>
        new NetworkRules(new NetworkSafetyOptions { AllowedNetworks = { IPNetwork.Parse("::ffff:10.0.0.0/120") } }).Check("a.test", [IPAddress.Parse("10.0.0.7")]);

    [Theory]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("2002:a00:1::1")]
    public void Check_AllowedPrivateNetworkInATunnel_IsStillRefused(string address)
    {
        var rules = new NetworkRules(new NetworkSafetyOptions { AllowedNetworks = { IPNetwork.Parse("10.0.0.0/8") } });

        Assert.Throws<NetworkAccessDeniedException>(() => rules.Check("a.test", [IPAddress.Parse(address)]));
    }
}
