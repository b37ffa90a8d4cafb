using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Maintenance;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Settings;

/// <summary>Checks <see cref="PortalOptions"/> at start; every failure names the key to mend.</summary>
internal sealed class PortalOptionsValidator(IHostEnvironment environment) : IValidateOptions<PortalOptions>
{
    public ValidateOptionsResult Validate(string? name, PortalOptions options)
    {
        var isDevelopment = environment.IsDevelopment();
        List<string> failures =
        [
            .. CheckAddresses(options, isDevelopment),
            .. CheckTimes(options),
            .. CheckNumbers(options),
            .. CheckKeyRing(options.KeyRing, isDevelopment),
            .. CheckBackup(options.Backup),
            .. CheckActivity(options),
        ];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> CheckAddresses(PortalOptions options, bool isDevelopment)
    {
        if (options.PublicBaseUrl.Length == 0)
            yield return "Portal:PublicBaseUrl is not set. Set it to the address under which browsers reach the portal, for example https://portal.example.com.";
        else if (!WebAddress.TryParseRoot(options.PublicBaseUrl, isDevelopment, out _, out var problem))
            yield return $"Portal:PublicBaseUrl is \"{options.PublicBaseUrl}\". {Explain(problem, isDevelopment)}";

        if (options.DataDirectory.Length > 0 && !Path.IsPathFullyQualified(options.DataDirectory))
            yield return $"Portal:DataDirectory is \"{options.DataDirectory}\". Set it to an absolute path.";

        foreach (var proxy in options.TrustedProxies.Where(proxy => PortalOptions.ReadNetwork(proxy) is null))
            yield return $"Portal:TrustedProxies has \"{proxy}\". Enter an address such as 10.0.0.5, or a network such as 10.0.0.0/24.";
        foreach (var host in options.OtherHosts.Where(host => Uri.CheckHostName(host) == UriHostNameType.Unknown))
            yield return $"Portal:OtherHosts has \"{host}\". Enter the name of a host without scheme, port and path.";

        for (var i = 0; i < options.OfferedAccounts.Count; i++)
        {
            if (!WebAddress.TryParseRoot(options.OfferedAccounts[i].BaseUrl, isDevelopment, out _, out var addressProblem))
                yield return $"Portal:OfferedAccounts:{i}:BaseUrl is \"{options.OfferedAccounts[i].BaseUrl}\". {Explain(addressProblem, isDevelopment)}";
        }
    }

    private static IEnumerable<string> CheckTimes(PortalOptions options)
    {
        var sessions = options.Sessions;
        (string Key, TimeSpan Value, TimeSpan Min, TimeSpan Max)[] times =
        [
            ("ConsentLifetime", options.ConsentLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1)),
            ("CodeLifetime", options.CodeLifetime, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(30)),
            ("UnansweredPatience", options.UnansweredPatience, TimeSpan.FromSeconds(5), TimeSpan.FromHours(1)),
            ("RefreshTokenLifetime", options.RefreshTokenLifetime, TimeSpan.FromDays(1), TimeSpan.FromDays(400)),
            ("DraftLifetime", options.DraftLifetime, TimeSpan.FromDays(1), TimeSpan.FromDays(3650)),
            ("SessionCheckInterval", options.SessionCheckInterval, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)),
            ("Sessions:IdleLimit", sessions.IdleLimit, TimeSpan.FromMinutes(5), TimeSpan.FromDays(30)),
            ("Sessions:AbsoluteLimit", sessions.AbsoluteLimit, TimeSpan.FromMinutes(10), TimeSpan.FromDays(90)),
            ("Sessions:ConfirmationLifetime", sessions.ConfirmationLifetime, TimeSpan.FromSeconds(30), TimeSpan.FromHours(1)),
        ];
        foreach (var (key, value, min, max) in times.Where(time => time.Value < time.Min || time.Value > time.Max))
            yield return $"Portal:{key} is {value}. Set it between {min} and {max}.";
        if (sessions.AbsoluteLimit < sessions.IdleLimit)
        {
            yield return $"Portal:Sessions:AbsoluteLimit is {sessions.AbsoluteLimit}, and Portal:Sessions:IdleLimit is {sessions.IdleLimit}. "
                + "Set the absolute limit to the idle limit at least.";
        }
    }

    private static IEnumerable<string> CheckNumbers(PortalOptions options)
    {
        if (options.BulkParallelism is < 1 or > 32)
            yield return $"Portal:BulkParallelism is {options.BulkParallelism}. Set it between 1 and 32.";
        if (options.ChecksPerMinute is < 1 or > 6000)
            yield return $"Portal:ChecksPerMinute is {options.ChecksPerMinute}. Set it between 1 and 6000.";
    }

    private static IEnumerable<string> CheckKeyRing(KeyRingOptions keyRing, bool isDevelopment)
    {
        foreach (var problem in KeyRingCertificates.Load(keyRing).Problems) yield return problem;
        if (!isDevelopment && keyRing.CertificatePath.Length == 0 && !keyRing.AllowUnwrappedKeys)
        {
            yield return "The key ring that opens every stored secret would lie unwrapped in the database. Set Portal:KeyRing:CertificatePath "
                + "to a PKCS#12 file, or accept that with Portal:KeyRing:AllowUnwrappedKeys=true.";
        }

        if (keyRing.WarnAfterDays is < 1 or > 36_500) yield return $"Portal:KeyRing:WarnAfterDays is {keyRing.WarnAfterDays}. Set it between 1 and 36500.";
    }

    private static IEnumerable<string> CheckBackup(BackupOptions backup)
    {
        if (backup.Directory.Length > 0 && !Path.IsPathFullyQualified(backup.Directory))
            yield return $"Portal:Backup:Directory is \"{backup.Directory}\". Set it to an absolute path, or leave it out for no backups.";
        if (backup.KeepDays is < 1 or > 3650)
            yield return $"Portal:Backup:KeepDays is {backup.KeepDays}. Set it between 1 and 3650.";
        if (CheckPassphrase(backup) is { } failure) yield return failure;
    }

    // The passphrase itself is never in a sentence.
    private static string? CheckPassphrase(BackupOptions encrypted)
    {
        var key = encrypted.Passphrase.Length > 0 ? "Passphrase" : "PassphraseFile";
        if (encrypted.Passphrase.Length > 0 && encrypted.PassphraseFile.Length > 0)
            return "Portal:Backup:Passphrase and Portal:Backup:PassphraseFile are both set. Set one of them.";
        if (encrypted.PassphraseFile.Length > 0 && !Path.IsPathFullyQualified(encrypted.PassphraseFile))
            return $"Portal:Backup:PassphraseFile is \"{encrypted.PassphraseFile}\". Set it to an absolute path.";
        try
        {
            return BackupPassphrase.Find(encrypted) is { } passphrase && BackupPassphrase.FindFault(passphrase) is { } fault ? $"Portal:Backup:{key} is too short. {fault}" : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "Portal:Backup:PassphraseFile names a file that is not there or may not be read. Set it to a file whose first line is the passphrase.";
        }
    }

    private static IEnumerable<string> CheckActivity(PortalOptions options)
    {
        var activity = options.Activity;
        if (activity.AnchorDirectory.Length > 0 && !Path.IsPathFullyQualified(activity.AnchorDirectory))
        {
            yield return $"Portal:Activity:AnchorDirectory is \"{activity.AnchorDirectory}\". "
                + "Set it to an absolute path, or leave it out: anchors are then written beside the backups.";
        }

        if (activity.KeepDays is not { } days) yield break;
        if (days is < 1 or > 36_500) yield return $"Portal:Activity:KeepDays is {days}. Set it between 1 and 36500, or leave it out to keep the whole record.";
        if (options.Backup.Directory.Length == 0)
        {
            yield return "Portal:Activity:KeepDays is set, and Portal:Backup:Directory is not. "
                + "Set the directory too: old activity is written to a file there before it is removed.";
        }
    }

    private static string Explain(WebAddressProblem problem, bool isDevelopment) => problem switch
    {
        WebAddressProblem.NotHttps => isDevelopment
            ? "Use https, or http on a loopback address in Development."
            : "Use https.",
        WebAddressProblem.HasPath => "Leave out the path; use the scheme, the host and, where needed, the port.",
        _ => "Use an absolute address such as https://portal.example.com.",
    };
}
