using System.Net;
using System.Net.Sockets;
using AgentHosting.NetworkSafety;

namespace AgentHosting.Core.Tests.NetworkSafety;

/// <summary>Names resolve as a test says, and what is connected to a public address arrives at a server on loopback.</summary>
public sealed class NetworkSafetyHandlerTests : IAsyncLifetime
{
    private const string Public = "93.184.215.14";

    private readonly LoopbackSite _site = new();
    private readonly Dictionary<string, string[]> _names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["public.test"] = [Public],
        ["other.test"] = [Public],
        ["api.public.test"] = [Public],
        ["six.test"] = ["2606:4700:4700::1111"],
        ["private.test"] = ["10.0.0.1"],
        ["mixed.test"] = [Public, "10.0.0.1"],
        ["mixed-six.test"] = [Public, "fd00::1"],
        ["meta.test"] = ["169.254.169.254"],
        ["mapped.test"] = ["::ffff:127.0.0.1"],
        ["loop.test"] = ["::1"],
    };

    private readonly List<IPAddress> _connected = [];
    private int _resolved;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Theory]
    [InlineData("http://public.test/")]
    [InlineData("http://PUBLIC.test./")]
    [InlineData("http://six.test/")]
    [InlineData("http://93.184.215.14/")]
    public async Task Get_PublicAddress_IsAnswered(string url)
    {
        _site.Answer("/", "200 OK", "hello");
        using var client = Client();

        Assert.Equal("hello", await client.GetStringAsync(new Uri(url), TestContext.Current.CancellationToken));
        Assert.Single(_connected);
    }

    /// <summary>Asked directly, and as the target of a redirect.</summary>
    public static TheoryData<string> Refused =>
    [
        "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0177.0.0.1/", "http://0x7f.0.0.1/", "http://0x7f000001/", "http://0/", "http://localhost/",
        "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.0.1/", "http://100.64.0.1/", "http://100.100.100.200/", "http://169.254.169.254/latest/meta-data/",
        "http://168.63.129.16/", "http://224.0.0.1/", "http://255.255.255.255/", "http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://[::ffff:a9fe:a9fe]/", "http://[::10.0.0.1]/",
        "http://[64:ff9b::a00:1]/", "http://[2002:a00:1::]/", "http://[2001::1]/", "http://[fd00:ec2::254]/", "http://[fe80::1]/", "http://[ff02::1]/",
        "http://private.test/", "http://mixed.test/", "http://mixed-six.test/", "http://meta.test/", "http://mapped.test/", "http://loop.test/",
        "http://public.test:22/", "http://user:secret@public.test/", "http://user@private.test/", "ftp://public.test/", "file:///etc/passwd",
    ];

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Get_AddressThatIsNotPublic_IsRefusedBeforeAnythingIsConnected(string url)
    {
        using var client = Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, url);

        await Assert.ThrowsAsync<NetworkAccessDeniedException>(() => client.SendAsync(request, TestContext.Current.CancellationToken));
        Assert.Empty(_connected);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Get_RedirectToWhatIsNotPublic_IsRefused(string url)
    {
        _site.RedirectTo("/", url);
        using var client = Client();

        await Assert.ThrowsAsync<NetworkAccessDeniedException>(() => client.GetAsync(new Uri("http://public.test/"), TestContext.Current.CancellationToken));
        Assert.Equal([IPAddress.Parse(Public)], _connected);
    }

    [Fact]
    public async Task Get_NameThatAnswersOtherwiseTheSecondTime_ConnectsToWhatWasChecked()
    {
        _site.Answer("/", "200 OK", "hello");
        using var client = new HttpClient(new NetworkSafetyHandler(
            new NetworkSafetyOptions(), (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(_resolved++ == 0 ? Public : "127.0.0.1")]), ConnectAsync));

        Assert.Equal("hello", await client.GetStringAsync(new Uri("http://rebinding.test/"), TestContext.Current.CancellationToken));
        Assert.Equal([IPAddress.Parse(Public)], _connected);
        await Assert.ThrowsAsync<NetworkAccessDeniedException>(() => client.GetStringAsync(new Uri("http://rebinding.test/"), TestContext.Current.CancellationToken));
        Assert.Single(_connected);
    }

    [Fact]
    public async Task Get_Refused_MessageNamesHostButNoAddress()
    {
        using var client = Client();
        var exception = await Assert.ThrowsAsync<NetworkAccessDeniedException>(() => client.GetAsync(new Uri("http://private.test/"), TestContext.Current.CancellationToken));

        Assert.Equal(("private.test", IPAddress.Parse("10.0.0.1")), (exception.Host, exception.Address));
        Assert.Contains("private.test", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("10.0.0.1", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_HostLists_AllowAndDenyByNameAndBelow()
    {
        _site.Answer("/", "200 OK", "hello");
        using var client = Client(options =>
        {
            options.AllowedHosts.Add("*.public.test");
            options.AllowedHosts.Add("six.test");
            options.DeniedHosts.Add("six.test");
        });

        Assert.Equal("hello", await client.GetStringAsync(new Uri("http://api.public.test/"), TestContext.Current.CancellationToken));
        foreach (var host in new[] { "public.test", "six.test", "other.test", "evilpublic.test" })
        {
            await Assert.ThrowsAsync<NetworkAccessDeniedException>(() => client.GetAsync(new Uri($"http://{host}/"), TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Get_NetworkLists_AllowPrivateAndDenyPublic()
    {
        _site.Answer("/", "200 OK", "hello");
        using var client = Client(options =>
        {
            options.AllowedNetworks.Add(IPNetwork.Parse("10.0.0.0/24"));
            options.DeniedNetworks.Add(IPNetwork.Parse("93.184.0.0/16"));
        });

        Assert.Equal("hello", await client.GetStringAsync(new Uri("http://private.test/"), TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<NetworkAccessDeniedException>(() => client.GetAsync(new Uri("http://public.test/"), TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<NetworkAccessDeniedException>(() => client.GetAsync(new Uri("http://10.0.1.1/"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Get_RedirectToAnotherOrigin_TakesNoKeysAlong()
    {
        _site.RedirectTo("/same", "/start").RedirectTo("/start", "http://other.test/end").Answer("/end", "200 OK", "hello");
        using var client = Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://public.test/same");
        request.Headers.Add("Authorization", "Bearer secret");
        request.Headers.Add("X-Api-Key", "secret");
        request.Headers.Add("Cookie", "a=secret");
        request.Headers.Add("Accept", "text/plain");

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(new Uri("http://other.test/end"), response.RequestMessage!.RequestUri);
        Assert.Contains("secret", _site.Requests[1], StringComparison.Ordinal);
        Assert.DoesNotContain("secret", _site.Requests[2], StringComparison.Ordinal);
        Assert.Contains("Accept: text/plain", _site.Requests[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(301, "GET")]
    [InlineData(302, "GET")]
    [InlineData(303, "GET")]
    [InlineData(307, "POST")]
    [InlineData(308, "POST")]
    public async Task Post_RedirectWithinTheOrigin_ChangesTheMethodAsBrowsersDo(int status, string method)
    {
        _site.RedirectTo("/", "/end", status).Answer("/end", "200 OK");
        using var client = Client();
        using var empty = new ByteArrayContent([]);
        using var response = await client.PostAsync(new Uri("http://public.test/"), empty, TestContext.Current.CancellationToken);

        Assert.StartsWith($"{method} /end ", _site.Requests[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_RedirectOfABodyToAnotherOrigin_IsRefused()
    {
        _site.RedirectTo("/", "http://other.test/end", 307);
        using var client = Client();
        using var body = new StringContent("secret");

        await Assert.ThrowsAsync<NetworkAccessDeniedException>(() => client.PostAsync(new Uri("http://public.test/"), body, TestContext.Current.CancellationToken));
        Assert.Single(_site.Requests);
    }

    [Fact]
    public void Apply_FromHttpsToHttp_IsRefused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://public.test/");

        Assert.Throws<NetworkAccessDeniedException>(
            () => AgentHosting.NetworkSafety.Internal.Redirect.Apply(request, HttpStatusCode.Found, new Uri("http://public.test/")));
    }

    [Fact]
    public async Task Get_RedirectsForEver_EndAtTheLimit()
    {
        _site.RedirectTo("/", "/");
        using var client = Client(options => options.MaxRedirects = 3);

        var exception = await Assert.ThrowsAsync<NetworkAccessDeniedException>(() => client.GetAsync(new Uri("http://public.test/"), TestContext.Current.CancellationToken));
        Assert.Contains("more than 3 times", exception.Message, StringComparison.Ordinal);
        Assert.Equal(4, _site.Requests.Count);
    }

    [Fact]
    public async Task Get_NoRedirects_HandsOutTheRedirect()
    {
        _site.RedirectTo("/", "http://127.0.0.1/");
        using var client = Client(options => options.MaxRedirects = 0);
        using var response = await client.GetAsync(new Uri("http://public.test/"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
    }

    [Theory]
    [InlineData("200 OK")]
    [InlineData("200 OK\r\nTransfer-Encoding: identity, chunked")]
    public async Task Get_BodyAboveTheLimit_Fails(string head)
    {
        var isChunked = head.Contains("chunked", StringComparison.Ordinal);
        _site.Answer("/", isChunked ? "200 OK\r\nTransfer-Encoding: chunked" : head, isChunked ? $"400\r\n{new string('x', 1024)}\r\n0\r\n\r\n" : new string('x', 1024));
        using var small = Client(options => options.MaxResponseBytes = 1023);
        using var enough = Client(options => options.MaxResponseBytes = 1024);

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => small.GetStringAsync(new Uri("http://public.test/"), TestContext.Current.CancellationToken));
        Assert.Equal(HttpRequestError.ConfigurationLimitExceeded, (exception.InnerException as HttpRequestException ?? exception).HttpRequestError);
        Assert.Equal(1024, (await enough.GetStringAsync(new Uri("http://public.test/"), TestContext.Current.CancellationToken)).Length);
    }

    [Fact]
    public async Task Get_InsideATrace_TellsTheHostNothingOfIt()
    {
        _site.Answer("/", "200 OK", "hello");
        using var client = Client();
        using var listener = new System.Diagnostics.ActivityListener
        {
            ShouldListenTo = static _ => true, Sample = static (ref _) => System.Diagnostics.ActivitySamplingResult.AllDataAndRecorded,
        };
        System.Diagnostics.ActivitySource.AddActivityListener(listener);
        using var activity = new System.Diagnostics.Activity("run").AddBaggage("user", "secret").Start();

        await client.GetStringAsync(new Uri("http://public.test/"), TestContext.Current.CancellationToken);

        Assert.DoesNotContain("traceparent", _site.Requests[0], StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(activity.TraceId.ToString(), _site.Requests[0], StringComparison.Ordinal);
        Assert.DoesNotContain("secret", _site.Requests[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Head_OfABodyAboveTheLimit_IsAnswered()
    {
        _site.Answer("/", "200 OK", new string('x', 1024));
        using var client = Client(options => options.MaxResponseBytes = 1023);
        using var request = new HttpRequestMessage(HttpMethod.Head, "http://public.test/");
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(1024, response.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData("http://[::1")]
    [InlineData("//[")]
    [InlineData("http://")]
    [InlineData("http:///")]
    public async Task Get_RedirectToWhatIsNoAddress_IsRefusedOrIsTheResponse(string location)
    {
        _site.RedirectTo("/", location);
        using var client = Client();

        try
        {
            using var response = await client.GetAsync(new Uri("http://public.test/"), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        }
        catch (HttpRequestException exception)
        {
            Assert.IsType<NetworkAccessDeniedException>(exception);
        }

        Assert.Single(_connected);
    }

    [Theory]
    [InlineData("ftp://public.test/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://public.test/")]
    [InlineData("data:text/plain,hello")]
    [InlineData("http://user:secret@public.test/end")]
    public async Task Get_RedirectToAnotherSchemeOrWithAUser_IsRefused(string location)
    {
        _site.RedirectTo("/", location);
        using var client = Client();

        await Assert.ThrowsAsync<NetworkAccessDeniedException>(() => client.GetAsync(new Uri("http://public.test/"), TestContext.Current.CancellationToken));
        Assert.Single(_site.Requests);
    }

    [Fact]
    public async Task Get_StreamAboveTheLimit_FailsBeforeItIsReadWhole()
    {
        _site.Answer("/", "200 OK\r\nTransfer-Encoding: chunked", $"400\r\n{new string('x', 1024)}\r\n400\r\n{new string('x', 1024)}\r\n0\r\n\r\n");
        using var client = Client(options => options.MaxResponseBytes = 100);
        using var response = await client.GetAsync(new Uri("http://public.test/"), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var buffer = new byte[50];

        Assert.Equal(50, await stream.ReadAtLeastAsync(buffer, 50, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(50, await stream.ReadAtLeastAsync(buffer, 50, cancellationToken: TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<HttpRequestException>(() => stream.ReadExactlyAsync(buffer, TestContext.Current.CancellationToken).AsTask());
    }

    [Fact]
    public void Create_LimitsThatAreNone_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new NetworkSafetyHandler(new NetworkSafetyOptions { MaxResponseBytes = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NetworkSafetyHandler(new NetworkSafetyOptions { MaxRedirects = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NetworkSafetyHandler(new NetworkSafetyOptions { ConnectTimeout = TimeSpan.Zero }));
    }

    [Fact]
    public async Task Get_WithTheRealResolverAndSockets_RefusesTheLoopbackServer()
    {
        _site.Answer("/", "200 OK", "hello");
        var options = new NetworkSafetyOptions();
        options.AllowedPorts.Clear();
        using var client = new HttpClient(new NetworkSafetyHandler(options));

        await Assert.ThrowsAsync<NetworkAccessDeniedException>(() => client.GetAsync(new Uri($"http://localhost:{_site.Port}/"), TestContext.Current.CancellationToken));
        Assert.Empty(_site.Requests);

        options.AllowedNetworks.Add(IPNetwork.Parse("127.0.0.0/8"));
        using var allowed = new HttpClient(new NetworkSafetyHandler(options));
        Assert.Equal("hello", await allowed.GetStringAsync(new Uri($"http://127.0.0.1:{_site.Port}/"), TestContext.Current.CancellationToken));
    }

    private HttpClient Client(Action<NetworkSafetyOptions>? configure = null)
    {
        var options = new NetworkSafetyOptions();
        configure?.Invoke(options);
        return new HttpClient(new NetworkSafetyHandler(options, ResolveAsync, ConnectAsync));
    }

    private Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
        _names.TryGetValue(host.TrimEnd('.'), out var addresses) ? Task.FromResult<IPAddress[]>([.. addresses.Select(IPAddress.Parse)])
            : host == "localhost" ? Task.FromResult<IPAddress[]>([IPAddress.Loopback])
            : throw new SocketException((int)SocketError.HostNotFound);

    private async ValueTask<Stream> ConnectAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        _connected.Add(address);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _site.Port, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
