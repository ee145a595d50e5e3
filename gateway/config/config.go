package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"

	"htgateway/configs"
	"htgateway/devices"
	"htgateway/devices/account"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/geo"
)

// Config is every setting of configs/htgateway.yaml, and what the files that it
// names hold.
type Config struct {
	Role      string    `yaml:"role"`
	Edge      Edge      `yaml:"edge"`
	County    string    `yaml:"county"`
	Office    Office    `yaml:"office"`
	HTTP      HTTP      `yaml:"http"`
	Data      Data      `yaml:"data"`
	Journal   Journal   `yaml:"journal"`
	Log       Log       `yaml:"log"`
	UnitsFile string    `yaml:"units_file"`
	SOPFile   string    `yaml:"sop_file"`
	Places    string    `yaml:"places_file"`
	Links     []Link    `yaml:"links"`
	MQTT      MQTT      `yaml:"mqtt"`
	Telemetry Telemetry `yaml:"telemetry"`
	Arrival   Arrival   `yaml:"arrival"`
	Tracker   Tracker   `yaml:"tracker"`
	Codes     []Code    `yaml:"codes"`
	Alarms    Alarms    `yaml:"alarms"`
	Retention Retention `yaml:"retention"`
	Map       Map       `yaml:"map"`

	DeviceReports DeviceReports `yaml:"device_reports"`

	Webhooks []Webhook `yaml:"webhooks"`
	CAD      CAD       `yaml:"cad"`
	CoT      CoT       `yaml:"cot"`

	Meshtastic Meshtastic `yaml:"meshtastic"`
	OwnTracks  OwnTracks  `yaml:"owntracks"`

	// Units and Plan are read from UnitsFile and SOPFile.
	Units []incident.Unit `yaml:"-"`
	Plan  sop.Plan        `yaml:"-"`
}

// HTTP is where the page and the API are served.
type HTTP struct {
	Listen    string `yaml:"listen"`
	TokenFile string `yaml:"token_file"`
	// UsersFile holds who may sign in to the page, with roles.
	UsersFile string `yaml:"users_file"`
	// PublicURL is how phones reach the gateway, for QR codes.
	PublicURL string `yaml:"public_url"`
	TLSCert   string `yaml:"tls_cert"`
	TLSKey    string `yaml:"tls_key"`
	OIDC      OIDC   `yaml:"oidc"`
	// Token is read from TokenFile.
	Token Secret `yaml:"-"`
}

// Data is where the gateway keeps its files.
type Data struct {
	Dir string `yaml:"dir"`
}

// Log is how the gateway logs.
type Log struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

// The kinds of link.
const (
	KindSerial = "serial"
	KindTCP    = "tcp"
	KindMQTT   = "mqtt"
)

// Link is one thing that the gateway listens to.
type Link struct {
	ID       string `yaml:"id"`
	Kind     string `yaml:"kind"`
	Protocol string `yaml:"protocol"`

	Device string `yaml:"device"`
	// USBSerial, USBVendor and USBProduct find a USB adapter by what it is.
	USBSerial  string `yaml:"usb_serial"`
	USBVendor  string `yaml:"usb_vendor"`
	USBProduct string `yaml:"usb_product"`

	Baud     int    `yaml:"baud"`
	DataBits int    `yaml:"data_bits"`
	StopBits int    `yaml:"stop_bits"`
	Parity   string `yaml:"parity"`

	// Address is host and port of a TCP link.
	Address string `yaml:"address"`

	// Location is where the base station stands, for the map.
	Location *Place `yaml:"location"`

	// Transmit lets the gateway send through this radio; else it never does.
	Transmit bool `yaml:"transmit"`
	// CallSign is the gateway's own address on an APRS link ("YB1MJL-1"), Via the
	// digipeater path of what it sends there ("WIDE1-1").
	CallSign string `yaml:"call_sign"`
	Via      string `yaml:"via"`

	Broker       string   `yaml:"broker"`
	ClientID     string   `yaml:"client_id"`
	Username     string   `yaml:"username"`
	PasswordFile string   `yaml:"password_file"`
	CAFile       string   `yaml:"ca_file"`
	CertFile     string   `yaml:"cert_file"`
	KeyFile      string   `yaml:"key_file"`
	Topics       []string `yaml:"topics"`
	// Publish tells this broker what changes, as it does the embedded one.
	Publish bool `yaml:"publish"`
	// Password is read from PasswordFile.
	Password Secret `yaml:"-"`
}

// The stores of time series.
const (
	// StoreSQLite is a file in the data folder.
	StoreSQLite = "sqlite"
	// StoreInflux is a bucket of an InfluxDB server.
	StoreInflux = "influx"
)

// Telemetry is where the time series go.
type Telemetry struct {
	Store  string `yaml:"store"`
	Influx struct {
		URL       string `yaml:"url"`
		Org       string `yaml:"org"`
		Bucket    string `yaml:"bucket"`
		TokenFile string `yaml:"token_file"`
		// Token is read from TokenFile.
		Token Secret `yaml:"-"`
	} `yaml:"influx"`
}

// Arrival is when fixes prove an arrival.
type Arrival struct {
	RadiusM      float64       `yaml:"radius_m"`
	Dwell        time.Duration `yaml:"dwell"`
	LeaveFactor  float64       `yaml:"leave_factor"`
	MaxSpeedMPS  float64       `yaml:"max_speed_mps"`
	MaxAccuracyM float64       `yaml:"max_accuracy_m"`
	MaxJumpMPS   float64       `yaml:"max_jump_mps"`
	MaxGap       time.Duration `yaml:"max_gap"`
	Parked       time.Duration `yaml:"parked"`
}

// Tracker is how reports are folded.
type Tracker struct {
	RetryWindow time.Duration `yaml:"retry_window"`
	// StaleAfter is when a unit's place counts as old.
	StaleAfter time.Duration `yaml:"stale_after"`
}

// Code is one status code that differs from the default table.
type Code struct {
	Family string         `yaml:"family"`
	Code   string         `yaml:"code"`
	Status devices.Status `yaml:"status"`
}

// Secret is text that is never logged.
type Secret string

// String hides the secret.
func (s Secret) String() string { return s.LogValue().String() }

// LogValue hides the secret from log/slog.
func (s Secret) LogValue() slog.Value {
	if s == "" {
		return slog.StringValue("")
	}
	return slog.StringValue("(secret)")
}

// Load reads a configuration file and what it names; an empty path gives the
// defaults. The environment overrides single settings. Errors are a
// [*ProblemsError] where something in a file is wrong.
func Load(path string) (Config, error) {
	v := viper.New()
	v.SetConfigType("yaml")
	v.SetEnvPrefix("HTGATEWAY")
	v.SetEnvKeyReplacer(strings.NewReplacer(".", "_"))
	v.AutomaticEnv()
	// The defaults are read first, so that every key is known to the environment.
	if err := v.ReadConfig(bytes.NewReader(configs.Gateway)); err != nil {
		return Config{}, fmt.Errorf("cannot read the built-in configuration: %w", err)
	}
	dir := ""
	var file []byte
	if path != "" {
		var err error
		if file, err = os.ReadFile(path); err != nil { // #nosec G304 -- --config of whoever runs the command
			return Config{}, fmt.Errorf("cannot read the configuration: %w", err)
		}
		if problems := strict(path, file, new(Config)); len(problems) > 0 {
			return Config{}, &ProblemsError{problems}
		}
		if err := v.MergeConfig(bytes.NewReader(file)); err != nil {
			return Config{}, fmt.Errorf("cannot read the configuration %q: %w", path, err)
		}
		dir = filepath.Dir(path)
	}
	var c Config
	err := v.Unmarshal(&c, func(d *mapstructure.DecoderConfig) { d.TagName, d.ErrorUnused = "yaml", true })
	if err != nil {
		return Config{}, fmt.Errorf("cannot read the configuration %q: %w", path, err)
	}
	if path == "" {
		c.UnitsFile = ""
	}
	c.resolve(dir)
	problems := c.check(path, file)
	problems = append(problems, c.readFiles()...)
	if len(problems) > 0 {
		return c, &ProblemsError{problems}
	}
	return c, nil
}

// resolve makes file names relative to the configuration's folder.
func (c *Config) resolve(dir string) {
	for _, n := range append(c.named(), &c.Data.Dir, &c.CAD.Folder, &c.Map.PMTilesFile) {
		if *n != "" && !filepath.IsAbs(*n) {
			*n = filepath.Join(dir, *n)
		}
	}
}

// named are the settings that name a file.
func (c *Config) named() []*string {
	names := []*string{
		&c.UnitsFile, &c.SOPFile, &c.Places, &c.HTTP.TokenFile, &c.HTTP.UsersFile, &c.HTTP.TLSCert, &c.HTTP.TLSKey, &c.HTTP.OIDC.ClientSecretFile,
		&c.MQTT.Embedded.UsersFile, &c.MQTT.Embedded.TLSCert, &c.MQTT.Embedded.TLSKey, &c.Telemetry.Influx.TokenFile,
		&c.Meshtastic.KeysFile, &c.Map.GeoJSONFile, &c.OwnTracks.SecretsFile, &c.Edge.PasswordFile, &c.Edge.CAFile,
		&c.Journal.CredsFile, &c.Journal.CAFile,
	}
	for i := range c.Links {
		l := &c.Links[i]
		names = append(names, &l.PasswordFile, &l.CAFile, &l.CertFile, &l.KeyFile)
	}
	for i := range c.Webhooks {
		names = append(names, &c.Webhooks[i].SecretFile)
	}
	return names
}

// Files lists the files that the configuration names, each once. A basemap is not
// among them: it is large, and fetched again.
func (c *Config) Files() []string {
	var out []string
	for _, n := range c.named() {
		if *n != "" && !slices.Contains(out, *n) {
			out = append(out, *n)
		}
	}
	return out
}

// readFiles reads units, procedure, users and secrets.
func (c *Config) readFiles() []Problem {
	var problems []Problem
	note := func(file string, err error) {
		var several *ProblemsError
		switch {
		case errors.As(err, &several):
			problems = append(problems, several.Problems...)
		case err != nil:
			problems = append(problems, Problem{File: file, Message: err.Error()})
		}
	}
	var err error
	if c.UnitsFile != "" {
		c.Units, err = LoadUnits(c.UnitsFile)
		note(c.UnitsFile, err)
	}
	c.Plan, err = LoadPlan(c.SOPFile)
	note(c.SOPFile, err)
	c.HTTP.Token, err = readSecret(c.HTTP.TokenFile)
	note(c.HTTP.TokenFile, err)
	if c.HTTP.UsersFile != "" {
		if _, err = readUsers(c.HTTP.UsersFile); errors.Is(err, fs.ErrNotExist) {
			err = nil // nobody signs in until somebody is added
		}
		note(c.HTTP.UsersFile, err)
	}
	c.HTTP.OIDC.ClientSecret, err = readSecret(c.HTTP.OIDC.ClientSecretFile)
	note(c.HTTP.OIDC.ClientSecretFile, err)
	c.Telemetry.Influx.Token, err = readSecret(c.Telemetry.Influx.TokenFile)
	note(c.Telemetry.Influx.TokenFile, err)
	for i := range c.Links {
		c.Links[i].Password, err = readSecret(c.Links[i].PasswordFile)
		note(c.Links[i].PasswordFile, err)
	}
	c.readWebhookSecrets(note)
	c.Edge.Password, err = readSecret(c.Edge.PasswordFile)
	note(c.Edge.PasswordFile, err)
	note(c.Places, checkPlaces(c.Places))
	c.Meshtastic.Keys, err = LoadChannelKeys(c.Meshtastic.KeysFile)
	note(c.Meshtastic.KeysFile, err)
	c.OwnTracks.Secrets, err = LoadPhoneSecrets(c.OwnTracks.SecretsFile)
	note(c.OwnTracks.SecretsFile, err)
	users, err := readUsers(c.MQTT.Embedded.UsersFile)
	c.MQTT.Embedded.Users = account.ByName(users, account.Role.OfField)
	note(c.MQTT.Embedded.UsersFile, err)
	return problems
}

func readSecret(path string) (Secret, error) {
	if path == "" {
		return "", nil
	}
	b, err := os.ReadFile(path) // #nosec G304 -- a file that the configuration names
	if err != nil {
		return "", fmt.Errorf("cannot read a secret: %w", err)
	}
	return Secret(strings.TrimSpace(string(b))), nil
}

// ArrivalRule is the rule as geo takes it.
func (c *Config) ArrivalRule() geo.ArrivalRule {
	a := c.Arrival
	return geo.ArrivalRule{
		RadiusM: a.RadiusM, Dwell: a.Dwell, LeaveFactor: a.LeaveFactor,
		MaxSpeedMPS: a.MaxSpeedMPS, MaxAccuracyM: a.MaxAccuracyM, MaxJumpMPS: a.MaxJumpMPS,
		MaxGap: a.MaxGap, Parked: a.Parked,
	}
}

// Codebook is the default table with the configured codes.
func (c *Config) Codebook() devices.Codebook {
	more := devices.Codebook{}
	for _, code := range c.Codes {
		if more[code.Family] == nil {
			more[code.Family] = map[string]devices.Status{}
		}
		more[code.Family][code.Code] = code.Status
	}
	return devices.DefaultCodebook().With(more)
}

// TrackerSettings are what the fold depends on.
func (c *Config) TrackerSettings() incident.Settings {
	return incident.Settings{Roster: c.Units, Plan: c.Plan, Arrival: c.ArrivalRule(), RetryWindow: c.Tracker.RetryWindow}
}
