using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using AdminPortal.Provisioning.Shared;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Hosting;

/// <summary>How often one address may ask for what is open to everybody, or hands out a secret.</summary>
internal static class RateLimits
{
    public const string Callback = "callback";
    public const string Calendar = "calendar";

    /// <summary>Sending a sign-in's form: each costs the hash of a password. Names have a limit of their own: see SignInDoor.</summary>
    public const string SignIn = "sign-in";

    /// <summary>Sending a form of one's own account: apart from signing in, so that strangers behind the same address do not use it up.</summary>
    public const string Account = "account";

    /// <summary>The page of a one-time link, and its form.</summary>
    public const string Setup = "setup";

    /// <summary>Leaving for the authority of single sign-on, and coming back.</summary>
    public const string SingleSignOn = "single-sign-on";

    /// <summary>Handing out a token.</summary>
    public const string Reveal = "reveal";

    /// <summary>Confirming who one is: each costs the hash of a password.</summary>
    public const string Confirm = "confirm";

    /// <summary>What is told to somebody whose limit says nothing.</summary>
    private const int UsualWait = 30;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    // Whole offices come from one address: the figures hold off programs and not people.
    public static void AddPortalRateLimits(this IServiceCollection services) => services.AddRateLimiter(limits =>
    {
        limits.OnRejected = RefuseAsync;
        Add(limits, Callback, burst: 120, inAPeriod: 60);
        // Calendar programs ask every few hours; an office may have many of them behind one address.
        Add(limits, Calendar, burst: 60, inAPeriod: 30);
        Add(limits, SignIn, burst: 30, inAPeriod: 15, request => HttpMethods.IsPost(request.Method));
        Add(limits, Account, burst: 30, inAPeriod: 15, request => HttpMethods.IsPost(request.Method));
        Add(limits, Setup, burst: 30, inAPeriod: 15);
        Add(limits, SingleSignOn, burst: 120, inAPeriod: 60);
        Add(limits, Reveal, burst: 30, inAPeriod: 15);
        Add(limits, Confirm, burst: 30, inAPeriod: 15);
    });

    /// <summary>Says when to come back, as a header of an answer that is not written yet.</summary>
    public static int WriteRetryAfter(HttpResponse response, RateLimitLease lease)
    {
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var time) ? Math.Max(1, (int)Math.Ceiling(time.TotalSeconds)) : UsualWait;
        response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
        return wait;
    }

    /// <summary>Whose requests are counted together: an address, and in IPv6 the network that one household has.</summary>
    internal static string Whose(IPAddress? address)
    {
        if (address is null) return "";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)) : address.ToString();
    }

    private static void Add(RateLimiterOptions limits, string name, int burst, int inAPeriod, Func<HttpRequest, bool>? counts = null) =>
        limits.AddPolicy(name, context =>
        {
            var whose = Whose(context.Connection.RemoteIpAddress);
            return counts is not null && !counts(context.Request)
                ? RateLimitPartition.GetNoLimiter(whose)
                : RateLimitPartition.GetTokenBucketLimiter(whose, _ => new TokenBucketRateLimiterOptions { TokenLimit = burst, TokensPerPeriod = inAPeriod, ReplenishmentPeriod = Period, QueueLimit = 0 });
        });

    private static async ValueTask RefuseAsync(OnRejectedContext rejection, CancellationToken cancellationToken)
    {
        var context = rejection.HttpContext;
        context.RequestServices.GetRequiredService<RefusalLog>().TooMany(context);
        var texts = context.RequestServices.GetRequiredService<IStringLocalizer<HostingText>>();
        var wait = WriteRetryAfter(context.Response, rejection.Lease);
        var isForm = HttpMethods.IsPost(context.Request.Method);
        var next = context.Request.Path.Equals(PortalAddresses.CallbackPath, StringComparison.OrdinalIgnoreCase) ? texts["TooMany.Callback", wait]
            : isForm ? texts["TooMany.Form", wait]
            : texts["TooMany.Wait", wait];
        // An empty address is this very page, with all that came in its query.
        await PlainPage.AnswerAsync(
            context, StatusCodes.Status429TooManyRequests, texts["TooMany.Title"], [texts["TooMany.What"], next], isForm ? null : (texts["TryAgain"], ""));
    }
}
