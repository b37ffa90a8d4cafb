using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Maintenance;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning;

/// <summary>Checks <see cref="PortalOptions"/> at start; every failure names the key to mend.</summary>
internal sealed class PortalOptionsValidator(IHostEnvironment environment) : IValidateOptions<PortalOptions>
{
    public ValidateOptionsResult Validate(string? name, PortalOptions options)
    {
        var failures = new List<string>();
        var isDevelopment = environment.IsDevelopment();

        if (options.PublicBaseUrl.Length == 0)
            failures.Add("Portal:PublicBaseUrl is not set. Set it to the address under which browsers reach the portal, for example https://portal.example.com.");
        else if (!WebAddress.TryParseRoot(options.PublicBaseUrl, isDevelopment, out _, out var problem))
            failures.Add($"Portal:PublicBaseUrl is \"{options.PublicBaseUrl}\". {Explain(problem, isDevelopment)}");

        if (options.DataDirectory.Length > 0 && !Path.IsPathFullyQualified(options.DataDirectory))
            failures.Add($"Portal:DataDirectory is \"{options.DataDirectory}\". Set it to an absolute path.");

        CheckTime("ConsentLifetime", options.ConsentLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
        CheckTime("CodeLifetime", options.CodeLifetime, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(30));
        CheckTime("UnansweredPatience", options.UnansweredPatience, TimeSpan.FromSeconds(5), TimeSpan.FromHours(1));
        CheckTime("RefreshTokenLifetime", options.RefreshTokenLifetime, TimeSpan.FromDays(1), TimeSpan.FromDays(400));
        CheckTime("DraftLifetime", options.DraftLifetime, TimeSpan.FromDays(1), TimeSpan.FromDays(3650));

        CheckTime("SessionCheckInterval", options.SessionCheckInterval, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

        var sessions = options.Sessions;
        CheckTime("Sessions:IdleLimit", sessions.IdleLimit, TimeSpan.FromMinutes(5), TimeSpan.FromDays(30));
        CheckTime("Sessions:AbsoluteLimit", sessions.AbsoluteLimit, TimeSpan.FromMinutes(10), TimeSpan.FromDays(90));
        if (sessions.AbsoluteLimit < sessions.IdleLimit)
            failures.Add($"Portal:Sessions:AbsoluteLimit is {sessions.AbsoluteLimit}, and Portal:Sessions:IdleLimit is {sessions.IdleLimit}. Set the absolute limit to the idle limit at least.");
        CheckTime("Sessions:ConfirmationLifetime", sessions.ConfirmationLifetime, TimeSpan.FromSeconds(30), TimeSpan.FromHours(1));

        if (options.BulkParallelism is < 1 or > 32)
            failures.Add($"Portal:BulkParallelism is {options.BulkParallelism}. Set it between 1 and 32.");
        if (options.ChecksPerMinute is < 1 or > 6000)
            failures.Add($"Portal:ChecksPerMinute is {options.ChecksPerMinute}. Set it between 1 and 6000.");

        var keyRing = options.KeyRing;
        failures.AddRange(KeyRingCertificates.Load(keyRing).Problems);
        if (!isDevelopment && keyRing.CertificatePath.Length == 0 && !keyRing.AllowUnwrappedKeys)
        {
            failures.Add(
                "The key ring that opens every stored secret would lie unwrapped in the database. Set Portal:KeyRing:CertificatePath "
                + "to a PKCS#12 file, or accept that with Portal:KeyRing:AllowUnwrappedKeys=true.");
        }

        var backup = options.Backup;
        if (backup.Directory.Length > 0 && !Path.IsPathFullyQualified(backup.Directory))
            failures.Add($"Portal:Backup:Directory is \"{backup.Directory}\". Set it to an absolute path, or leave it out for no backups.");
        if (backup.KeepDays is < 1 or > 3650)
            failures.Add($"Portal:Backup:KeepDays is {backup.KeepDays}. Set it between 1 and 3650.");
        CheckPassphrase(backup);
        if (keyRing.WarnAfterDays is < 1 or > 36_500) failures.Add($"Portal:KeyRing:WarnAfterDays is {keyRing.WarnAfterDays}. Set it between 1 and 36500.");

        failures.AddRange(options.TrustedProxies.Where(proxy => PortalOptions.ReadNetwork(proxy) is null)
            .Select(proxy => $"Portal:TrustedProxies has \"{proxy}\". Enter an address such as 10.0.0.5, or a network such as 10.0.0.0/24."));
        failures.AddRange(options.OtherHosts.Where(host => Uri.CheckHostName(host) == UriHostNameType.Unknown)
            .Select(host => $"Portal:OtherHosts has \"{host}\". Enter the name of a host without scheme, port and path."));
        if (options.Activity.AnchorDirectory.Length > 0 && !Path.IsPathFullyQualified(options.Activity.AnchorDirectory))
            failures.Add($"Portal:Activity:AnchorDirectory is \"{options.Activity.AnchorDirectory}\". Set it to an absolute path, or leave it out: anchors are then written beside the backups.");
        if (options.Activity.KeepDays is { } days)
        {
            if (days is < 1 or > 36_500) failures.Add($"Portal:Activity:KeepDays is {days}. Set it between 1 and 36500, or leave it out to keep the whole record.");
            if (backup.Directory.Length == 0)
                failures.Add("Portal:Activity:KeepDays is set, and Portal:Backup:Directory is not. Set the directory too: old activity is written to a file there before it is removed.");
        }

        for (var i = 0; i < options.OfferedAccounts.Count; i++)
        {
            if (!WebAddress.TryParseRoot(options.OfferedAccounts[i].BaseUrl, isDevelopment, out _, out var addressProblem))
                failures.Add($"Portal:OfferedAccounts:{i}:BaseUrl is \"{options.OfferedAccounts[i].BaseUrl}\". {Explain(addressProblem, isDevelopment)}");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        // The passphrase itself is never in a sentence.
        void CheckPassphrase(BackupOptions encrypted)
        {
            var key = encrypted.Passphrase.Length > 0 ? "Passphrase" : "PassphraseFile";
            if (encrypted.Passphrase.Length > 0 && encrypted.PassphraseFile.Length > 0)
            {
                failures.Add("Portal:Backup:Passphrase and Portal:Backup:PassphraseFile are both set. Set one of them.");
                return;
            }

            if (encrypted.PassphraseFile.Length > 0 && !Path.IsPathFullyQualified(encrypted.PassphraseFile))
            {
                failures.Add($"Portal:Backup:PassphraseFile is \"{encrypted.PassphraseFile}\". Set it to an absolute path.");
                return;
            }

            try
            {
                if (BackupPassphrase.Find(encrypted) is { } passphrase && BackupPassphrase.FindFault(passphrase) is { } fault) failures.Add($"Portal:Backup:{key} is too short. {fault}");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                failures.Add("Portal:Backup:PassphraseFile names a file that is not there or may not be read. Set it to a file whose first line is the passphrase.");
            }
        }

        void CheckTime(string key, TimeSpan value, TimeSpan min, TimeSpan max)
        {
            if (value < min || value > max)
                failures.Add($"Portal:{key} is {value}. Set it between {min} and {max}.");
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
